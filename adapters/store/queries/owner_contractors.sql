-- Whose bonds towards an owner are outstanding now, of those that are not under embargo after $2.
SELECT DISTINCT principal AS "principal!"
FROM bond
WHERE obligee = $1
  AND state IN ('reserved', 'in_force', 'frozen')
  AND (sealed_until IS NULL OR sealed_until <= $2)
ORDER BY principal
