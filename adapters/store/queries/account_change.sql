-- Replaces what is known of an account.
UPDATE account
SET party = $2, content = $3, changed_at = $4
WHERE name = $1
