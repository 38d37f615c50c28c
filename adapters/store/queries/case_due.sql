-- Cases that must be looked at again by now, earliest first.
SELECT id AS "id!"
FROM procurement_case
WHERE due_at IS NOT NULL AND due_at <= $1
ORDER BY due_at, id
LIMIT $2
