-- Sets or takes away the secret of one-time passwords.
UPDATE account
SET totp = $2, totp_confirmed_at = $3, totp_last_step = $4, changed_at = $5
WHERE name = $1
