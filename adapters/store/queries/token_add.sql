-- Adds a token; one of this name is left as it is.
INSERT INTO api_token (account, label, digest, scopes, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (account, label) DO NOTHING
