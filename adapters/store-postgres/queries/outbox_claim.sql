-- Leases what is due, earliest first. SKIP LOCKED: without it two callers get the same rows.
WITH picked AS (
    SELECT id
    FROM outbox
    WHERE channel = $1 AND state IN ('ready', 'retry') AND due_at <= $2
    ORDER BY due_at, id
    LIMIT $3
    FOR UPDATE SKIP LOCKED
)
UPDATE outbox
SET state = 'leased', lease_token = $4, lease_until = $5, calling_at = NULL, changed_at = $2
FROM picked
WHERE outbox.id = picked.id
RETURNING outbox.id       AS "id!: Uuid",
          channel         AS "channel!",
          procurement     AS "procurement!",
          name            AS "name!",
          recipient       AS "recipient?",
          envelope_to     AS "envelope_to!",
          message_id      AS "message_id!",
          body            AS "body!",
          carries_issuer  AS "carries_issuer?",
          carries_number  AS "carries_number?",
          carries_role    AS "carries_role?",
          carries_edition AS "carries_edition?",
          encrypted_to    AS "encrypted_to?",
          attempts        AS "attempts!",
          due_at          AS "due_at!: Instant",
          created_at      AS "created_at!: Instant"
