-- Whether $2 per cent of what stands end before month $1 begins: roughly, to choose what is quicker to add up.
SELECT coalesce($2::bigint * sum(bonds) <= 100 * sum(bonds) FILTER (WHERE month < $1), false) AS "enough!"
FROM ending_month
