-- One hub at a time takes movements up into the sums.
SELECT pg_try_advisory_xact_lock(2026, 7) AS "mine!"
