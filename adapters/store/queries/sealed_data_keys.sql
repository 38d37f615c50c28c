-- Data keys that are not wrapped by the master key that $1 names.
SELECT issuer AS "one!", number AS "other!", wrapped AS "bytes!"
FROM data_key
WHERE substr(wrapped, 1, 9) <> $1 AND (issuer, number) > ($2, $3)
ORDER BY issuer, number
LIMIT $4
