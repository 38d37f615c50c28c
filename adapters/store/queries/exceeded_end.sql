-- A limit is kept again, or there is none any more.
DELETE FROM limit_exceeded WHERE issuer = $1 AND contractor = $2 AND currency = $3
