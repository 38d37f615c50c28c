-- Uses a time step up: only a later one than any before.
UPDATE account
SET totp_last_step = $2
WHERE name = $1 AND totp_last_step < $2
