-- Revokes a token that works.
UPDATE api_token
SET revoked_at = $3
WHERE account = $1 AND label = $2 AND revoked_at IS NULL
