-- An event waits for something from now on.
UPDATE event
SET state = 'waiting', waits_for = $2, changed_at = $3
WHERE id = $1 AND state NOT IN ('set_aside', 'resubmitted')
