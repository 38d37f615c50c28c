-- These events wait for something from now on.
UPDATE event
SET state = 'waiting', waits_for = begun.waits_for, changed_at = $3
FROM unnest($1::uuid[], $2::text[]) AS begun (id, waits_for)
WHERE event.id = begun.id AND event.state NOT IN ('set_aside', 'resubmitted')
