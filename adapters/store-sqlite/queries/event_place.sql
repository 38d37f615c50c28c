-- The wait of an event is over.
UPDATE event
SET state = 'applied', waits_for = NULL, changed_at = $2
WHERE id = $1 AND state = 'waiting'
