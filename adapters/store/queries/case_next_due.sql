-- When the next case is due.
SELECT min(due_at) AS "due_at?: Instant"
FROM procurement_case
WHERE due_at IS NOT NULL
