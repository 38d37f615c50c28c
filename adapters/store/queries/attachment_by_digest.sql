-- One attachment of a bond.
SELECT sealed AS "sealed!"
FROM attachment
WHERE issuer = $1 AND number = $2 AND sha256 = $3
