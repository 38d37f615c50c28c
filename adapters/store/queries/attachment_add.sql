-- Keeps an attachment; one that the bond has already is left as it is.
INSERT INTO attachment (issuer, number, sha256, taken_at, sealed)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (issuer, number, sha256) DO NOTHING
