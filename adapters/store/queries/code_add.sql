-- Adds a code.
INSERT INTO account_code (account, kind, digest, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5)
