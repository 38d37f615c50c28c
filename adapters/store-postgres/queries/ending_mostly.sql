-- Whether it is quicker to add up what is left of everything once month $1 begins than what stands and is over by then: roughly.
SELECT coalesce(10 * sum(bonds) <= 27 * sum(bonds) FILTER (WHERE month < $1), false) AS "mostly!"
FROM ending_month
