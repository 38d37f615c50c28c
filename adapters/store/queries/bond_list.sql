-- Bonds by issuer and number; a NULL filter lets everything through.
SELECT issuer  AS "issuer!",
       number  AS "number!",
       version AS "version!",
       state   AS "state!",
       terms   AS "terms!",
       cause   AS "cause!"
FROM bond
WHERE (CAST($1 AS text) IS NULL OR issuer = $1)
  AND (CAST($2 AS text) IS NULL OR principal = $2)
  AND (CAST($3 AS text) IS NULL OR procurement = $3)
  AND (CAST($4 AS text) IS NULL OR state = $4)
ORDER BY issuer, number
LIMIT $5
