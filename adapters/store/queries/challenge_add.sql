-- Keeps a challenge.
INSERT INTO sign_in_challenge (id, account, content, expires_at)
VALUES ($1, $2, $3, $4)
