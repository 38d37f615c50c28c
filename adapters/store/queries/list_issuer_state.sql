-- The same of one state, which has an index of its own.
SELECT issuer     AS "issuer!",
       number     AS "number!",
       version    AS "version!",
       state      AS "state!",
       terms      AS "terms!",
       cause      AS "cause!",
       changed_at AS "changed_at!: Instant"
FROM bond
WHERE issuer = $1
  AND state = $2
  AND (changed_at, number) < ($3, $4)
  AND (CAST($5 AS text) IS NULL OR procurement = $5)
  AND (CAST($6 AS text) IS NULL OR kind = $6)
ORDER BY changed_at DESC, number DESC
LIMIT $7
