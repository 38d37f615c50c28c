-- An issuer's bonds, what changed last first; goes on after a row.
SELECT issuer     AS "issuer!",
       number     AS "number!",
       version    AS "version!",
       state      AS "state!",
       terms      AS "terms!",
       cause      AS "cause!",
       changed_at AS "changed_at!: Instant"
FROM bond
WHERE issuer = $1
  AND (changed_at, number) < ($2, $3)
  AND (CAST($4 AS text) IS NULL OR procurement = $4)
  AND (CAST($5 AS text) IS NULL OR kind = $5)
ORDER BY changed_at DESC, number DESC
LIMIT $6
