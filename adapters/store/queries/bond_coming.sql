-- Bonds that count differently once others end, of issuer $1 and owner $2; without bonds under embargo after $3, but those of issuer $4.
SELECT issuer    AS "issuer!",
       number    AS "number!",
       principal AS "principal!",
       obligee   AS "obligee!",
       ends      AS "ends?: String",
       foreseen  AS "foreseen!: String"
FROM bond
WHERE foreseen IS NOT NULL
  AND (CAST($1 AS text) IS NULL OR issuer = $1)
  AND (CAST($2 AS text) IS NULL OR obligee = $2)
  AND NOT coalesce(sealed_until > $3 AND (CAST($4 AS text) IS NULL OR issuer <> $4), FALSE)
ORDER BY issuer, number
