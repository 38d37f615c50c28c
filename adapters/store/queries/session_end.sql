-- Ends one session.
DELETE FROM sign_in_session
WHERE digest = $1
