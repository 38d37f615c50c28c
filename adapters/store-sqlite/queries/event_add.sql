-- Takes an event. No row touched is a conflict: it was taken before.
INSERT INTO event
    (id, source, event_id, kind, subject, happened_at, digest, state, rejection, waits_for,
     body, sealed, content_type, received_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (id) DO NOTHING
