-- When the embargo of a bond ends, where that is not what is written already.
UPDATE bond
SET sealed_until = $3
WHERE issuer = $1 AND number = $2 AND sealed_until IS NOT $3
