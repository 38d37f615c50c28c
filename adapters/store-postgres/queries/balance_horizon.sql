-- The last month that sums are kept of.
SELECT month AS "month!" FROM balance_horizon
