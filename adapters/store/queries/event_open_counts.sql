-- How many events there are that are not done, by state: read from an index on the state.
SELECT state    AS "state!",
       count(*) AS "count!: i64"
FROM event
WHERE state IN ('waiting', 'set_aside')
GROUP BY state
ORDER BY state
