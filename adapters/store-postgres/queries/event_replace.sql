-- Makes room for events that waited and are handled at last.
DELETE FROM event
WHERE id = ANY($1::uuid[]) AND state = 'waiting'
