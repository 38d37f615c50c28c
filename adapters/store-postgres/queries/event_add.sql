-- Takes events. Whoever counts fewer rows than events has a conflict: one was taken before. Only the
-- rows of $16, if they still wait, are replaced: they are handled at last.
INSERT INTO event AS stored
    (id, source, event_id, kind, subject, happened_at, digest, state, rejection, waits_for,
     body, sealed, content_type, received_at, changed_at)
SELECT taken.*, $15
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
            $7::text[], $8::text[], $9::text[], $10::text[], $11::bytea[], $12::boolean[],
            $13::text[], $14::timestamptz[]) AS taken
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
WHERE stored.state = 'waiting' AND stored.id = ANY($16::uuid[])
