-- The wait of these events is over.
UPDATE event
SET state = 'applied', waits_for = NULL, changed_at = $2
WHERE id = ANY($1::uuid[]) AND state = 'waiting'
