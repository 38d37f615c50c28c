-- Pins a signing certificate, or adds the entrusted key to a pinned one.
INSERT INTO signing_certificate
    (party, fingerprint, der, valid_from, valid_until, revoked_at, entrusted_key, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (party, fingerprint) DO UPDATE
SET entrusted_key = COALESCE(excluded.entrusted_key, signing_certificate.entrusted_key)
