-- Bonds by issuer and number, after a given one; a NULL filter lets everything through.
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
  AND (CAST($5 AS text) IS NULL OR kind = $5)
  AND (CAST($6 AS text) IS NULL OR (issuer, number) > ($6, CAST($7 AS text)))
  AND (CAST($8 AS text) IS NULL OR terms LIKE $8)
ORDER BY issuer, number
LIMIT $9
