-- Stops using a certificate.
UPDATE openpgp_certificate
SET revoked_at = $3
WHERE party = $1 AND fingerprint = $2 AND revoked_at IS NULL
