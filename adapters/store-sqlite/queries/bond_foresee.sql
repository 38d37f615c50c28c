-- What will be noted of a bond, where that is not what is written already.
UPDATE bond
SET foreseen = $3
WHERE issuer = $1 AND number = $2 AND foreseen IS NOT $3
