-- Settles what the holder of the lease $1 tried. What was overtaken meanwhile is not tried again.
UPDATE outbox
SET state = CASE
        WHEN settled.state = 'retry' AND overtaken_at IS NOT NULL THEN 'overtaken'
        ELSE settled.state
    END,
    attempts = attempts + settled.counted,
    due_at = COALESCE(settled.due_at, outbox.due_at),
    last_reply = settled.reply,
    lease_token = NULL,
    lease_until = NULL,
    calling_at = NULL,
    changed_at = $7
FROM unnest($2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[])
    AS settled (id, state, counted, due_at, reply)
WHERE outbox.id = settled.id AND outbox.state = 'leased' AND lease_token = $1
