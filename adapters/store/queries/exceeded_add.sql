-- A limit is exceeded; one that was is left as it is.
INSERT INTO limit_exceeded (issuer, contractor, currency, amount, outstanding, since)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (issuer, contractor, currency) DO NOTHING
