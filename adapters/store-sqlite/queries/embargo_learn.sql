-- Works out what a migration left to be: where $4 still marks it.
UPDATE bond
SET sealed_until = $3
WHERE issuer = $1 AND number = $2 AND sealed_until = $4
