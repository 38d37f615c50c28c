-- Throws away sessions that ended.
DELETE FROM sign_in_session
WHERE expires_at <= $1
