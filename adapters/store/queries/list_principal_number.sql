-- A contractor's bonds by issuer and number; goes on after a row.
SELECT issuer     AS "issuer!",
       number     AS "number!",
       version    AS "version!",
       state      AS "state!",
       terms      AS "terms!",
       cause      AS "cause!",
       changed_at AS "changed_at!: Instant"
FROM bond
WHERE principal = $1
  AND (issuer, number) > ($2, $3)
  AND (CAST($4 AS text) IS NULL OR state = $4)
  AND (CAST($5 AS text) IS NULL OR procurement = $5)
  AND (CAST($6 AS text) IS NULL OR kind = $6)
ORDER BY issuer, number
LIMIT $7
