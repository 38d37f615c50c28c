-- Adds an account; one that exists is left as it is.
INSERT INTO account (name, party, content, totp_last_step, changed_at)
VALUES ($1, $2, $3, 0, $4)
ON CONFLICT (name) DO NOTHING
