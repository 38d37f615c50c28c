-- How many rows there are that are not done, by channel and state: read from an index of them alone.
SELECT channel  AS "channel!",
       state    AS "state!",
       count(*) AS "count!: i64"
FROM outbox
WHERE state NOT IN ('sent', 'overtaken')
GROUP BY channel, state
ORDER BY channel, state
