-- Works out what a migration left to be: where $4 still marks it.
UPDATE bond
SET sealed_until = told.until
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS told (issuer, number, until)
WHERE bond.issuer = told.issuer AND bond.number = told.number AND bond.sealed_until = $4
