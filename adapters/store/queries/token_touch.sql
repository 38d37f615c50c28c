-- Notes that a token was used.
UPDATE api_token
SET last_used_at = $2
WHERE digest = $1 AND (last_used_at IS NULL OR last_used_at < $2)
