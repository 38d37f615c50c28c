-- Takes an event. No row touched is a conflict: it was taken before. Only if $16 says so, a row that
-- still waits is replaced: it is handled at last.
INSERT INTO event AS stored
    (id, source, event_id, kind, subject, happened_at, digest, state, rejection, waits_for,
     body, sealed, content_type, received_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (id) DO UPDATE
SET kind = excluded.kind,
    subject = excluded.subject,
    happened_at = excluded.happened_at,
    digest = excluded.digest,
    state = excluded.state,
    rejection = excluded.rejection,
    waits_for = excluded.waits_for,
    body = excluded.body,
    sealed = excluded.sealed,
    content_type = excluded.content_type,
    received_at = excluded.received_at,
    changed_at = excluded.changed_at
WHERE stored.state = 'waiting' AND $16
