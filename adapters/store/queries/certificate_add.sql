-- Enrols a certificate; one the party has already is left as it is.
INSERT INTO openpgp_certificate (party, fingerprint, bytes, usable_until, modern, revoked_at, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (party, fingerprint) DO NOTHING
