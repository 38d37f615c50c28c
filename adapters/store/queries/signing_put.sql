-- Pins a signing certificate, or adds the entrusted key to a pinned one; one that was revoked is left as it is.
INSERT INTO signing_certificate
    (party, fingerprint, der, valid_from, valid_until, revoked_at, entrusted_key, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (party, fingerprint) DO UPDATE
SET entrusted_key = excluded.entrusted_key
WHERE signing_certificate.revoked_at IS NULL AND excluded.entrusted_key IS NOT NULL
