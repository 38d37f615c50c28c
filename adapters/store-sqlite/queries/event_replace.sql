-- Makes room for an event that waited and is handled at last.
DELETE FROM event
WHERE id = $1 AND state = 'waiting'
