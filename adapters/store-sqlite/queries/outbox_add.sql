-- Something that must leave the hub, leased at once where there is a lease; what is there is left
-- as it is.
INSERT INTO outbox
    (id, channel, procurement, name, recipient, envelope_to, message_id, body, carries_issuer,
     carries_number, carries_role, carries_edition, encrypted_to, created_at, state, attempts,
     due_at, lease_token, lease_until, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
        CASE WHEN $15 IS NULL THEN 'ready' ELSE 'leased' END, 0, $17, $15, $16, $17)
ON CONFLICT (id) DO NOTHING
