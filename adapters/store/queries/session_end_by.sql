-- Ends the account's sessions that began in one way.
DELETE FROM sign_in_session
WHERE account = $1 AND signed_in_by = $2
