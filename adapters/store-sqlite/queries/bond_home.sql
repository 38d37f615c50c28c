-- The case of a bond.
SELECT procurement AS "procurement!"
FROM bond
WHERE issuer = $1 AND number = $2
