-- An issuer's bonds by number; goes on after a number.
SELECT issuer     AS "issuer!",
       number     AS "number!",
       version    AS "version!",
       state      AS "state!",
       terms      AS "terms!",
       cause      AS "cause!",
       changed_at AS "changed_at!: Instant"
FROM bond
WHERE issuer = $1
  AND number > $2
  AND (CAST($3 AS text) IS NULL OR state = $3)
  AND (CAST($4 AS text) IS NULL OR procurement = $4)
  AND (CAST($5 AS text) IS NULL OR kind = $5)
ORDER BY number
LIMIT $6
