-- Settles what the holder of the lease $1 tried. What was overtaken meanwhile is not tried again.
UPDATE outbox
SET state = CASE WHEN $3 = 'retry' AND overtaken_at IS NOT NULL THEN 'overtaken' ELSE $3 END,
    attempts = attempts + $4,
    due_at = COALESCE($5, due_at),
    last_reply = $6,
    lease_token = NULL,
    lease_until = NULL,
    calling_at = NULL,
    changed_at = $7
WHERE id = $2 AND state = 'leased' AND lease_token = $1
