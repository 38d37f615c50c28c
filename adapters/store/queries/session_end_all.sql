-- Ends the account's sessions, but for one.
DELETE FROM sign_in_session
WHERE account = $1 AND digest <> $2
