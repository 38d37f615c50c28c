-- Begins a session.
INSERT INTO sign_in_session (digest, account, signed_in_by, created_at, last_seen_at, expires_at, address, agent)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
