-- Replaces what is known of an account, unless it was changed since it was read.
UPDATE account
SET party = $2, content = $3, changed_at = $4
WHERE name = $1 AND content = $5
