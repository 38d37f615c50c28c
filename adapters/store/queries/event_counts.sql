-- How many events there are by state.
SELECT state    AS "state!",
       count(*) AS "count!: i64"
FROM event
GROUP BY state
ORDER BY state
