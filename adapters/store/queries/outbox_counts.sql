-- How many rows there are by channel and state.
SELECT channel  AS "channel!",
       state    AS "state!",
       count(*) AS "count!: i64"
FROM outbox
GROUP BY channel, state
ORDER BY channel, state
