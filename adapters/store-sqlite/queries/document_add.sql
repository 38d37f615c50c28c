-- Keeps a signed document; one that is known is left as it is.
INSERT INTO document (digest, issuer, number, kind, signed_at, signer, sealed, taken_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (digest) DO NOTHING
