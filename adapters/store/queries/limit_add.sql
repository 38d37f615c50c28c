-- Up to where an issuer wants to answer for a contractor.
INSERT INTO liability_limit (id, issuer, contractor, currency, amount, said_by, at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
