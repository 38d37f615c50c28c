-- What will be noted of bonds, where that is not what is written already.
UPDATE bond
SET foreseen = told.foreseen
FROM unnest($1::text[], $2::text[], $3::text[]) AS told (issuer, number, foreseen)
WHERE bond.issuer = told.issuer AND bond.number = told.number
  AND bond.foreseen IS DISTINCT FROM told.foreseen
