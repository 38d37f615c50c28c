-- A contractor's bonds, what changed last first; goes on after a row.
SELECT issuer     AS "issuer!",
       number     AS "number!",
       version    AS "version!",
       state      AS "state!",
       terms      AS "terms!",
       cause      AS "cause!",
       changed_at AS "changed_at!: Instant"
FROM bond
WHERE principal = $1
  AND (changed_at, issuer, number) < ($2, $3, $4)
  AND (CAST($5 AS text) IS NULL OR state = $5)
  AND (CAST($6 AS text) IS NULL OR procurement = $6)
  AND (CAST($7 AS text) IS NULL OR kind = $7)
ORDER BY changed_at DESC, issuer DESC, number DESC
LIMIT $8
