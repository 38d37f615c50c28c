-- Sets the password's hash.
UPDATE account
SET password = $2, changed_at = $3
WHERE name = $1
