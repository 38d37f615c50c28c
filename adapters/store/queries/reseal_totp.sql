-- Seals the secret of one-time passwords anew, if it still is what was read.
UPDATE account
SET totp = $3
WHERE name = $1 AND totp = $2
