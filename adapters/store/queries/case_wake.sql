-- Makes the cases due that wait for any of three things. The version is raised: whoever decides on
-- such a case right now knows less than there is to know, and must load it again.
UPDATE procurement_case
SET due_at = CASE WHEN due_at < $1 THEN due_at ELSE $1 END,
    version = version + 1
WHERE id IN (SELECT procurement FROM case_wait WHERE waits_for IN ($2, $3, $4))
