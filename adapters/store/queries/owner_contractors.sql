-- Whose bonds towards an owner are outstanding now, and how many.
SELECT principal AS "principal!",
       count(*)  AS "bonds!: i64"
FROM bond
WHERE obligee = $1 AND state IN ('reserved', 'in_force', 'frozen')
GROUP BY principal
ORDER BY principal
