-- Marks a set-aside event as resubmitted; touches nothing in any other state.
UPDATE event
SET state = 'resubmitted', changed_at = $2
WHERE id = $1 AND state = 'set_aside'
