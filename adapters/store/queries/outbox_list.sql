-- What left or must leave the hub, newest first, without bodies; a NULL filter lets everything through.
SELECT id          AS "id!: Uuid",
       channel     AS "channel!",
       procurement AS "procurement!",
       name        AS "name!",
       recipient   AS "recipient?",
       message_id  AS "message_id!",
       state       AS "state!",
       attempts    AS "attempts!",
       due_at      AS "due_at!: Instant",
       last_reply  AS "last_reply?",
       created_at  AS "created_at!: Instant",
       changed_at  AS "changed_at!: Instant"
FROM outbox
WHERE (CAST($1 AS text) IS NULL OR channel = $1)
  AND (CAST($2 AS text) IS NULL OR state = $2)
  AND (CAST($3 AS text) IS NULL OR recipient = $3)
  AND (CAST($4 AS text) IS NULL OR procurement = $4)
ORDER BY created_at DESC, id DESC
LIMIT $5
