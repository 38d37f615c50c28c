-- A waiting event was handled at last and is set aside; touches nothing in any other state.
UPDATE event
SET state = 'set_aside', rejection = $2, waits_for = NULL, changed_at = $3
WHERE id = $1 AND state = 'waiting'
