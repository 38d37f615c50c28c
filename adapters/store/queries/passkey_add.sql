-- Adds a passkey; one whose id is known is left as it is.
INSERT INTO passkey (id, account, label, public_key, counter, added_at, last_used_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO NOTHING
