-- Notes that a request came.
UPDATE sign_in_session
SET last_seen_at = $2
WHERE digest = $1 AND last_seen_at < $2
