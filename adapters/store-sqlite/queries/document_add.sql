-- Keeps a signed document; one that is known is left as it is.
INSERT INTO document (digest, issuer, number, kind, signed_at, signer, sealed, taken_at, revocation, revocation_why)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (digest) DO NOTHING
