-- Forgets every passkey of an account.
DELETE FROM passkey
WHERE account = $1
