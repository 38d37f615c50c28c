-- Stops using a party's certificates other than the one that takes their place.
UPDATE openpgp_certificate
SET revoked_at = $3
WHERE party = $1 AND fingerprint <> $2 AND revoked_at IS NULL
