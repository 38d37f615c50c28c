-- What ends when, of what is outstanding at the end of day $4, as known on $5: by the month of the last day the bonds had in
-- the version made before $6, or the first. Without bonds under embargo after $7, but those of issuer $8.
WITH standing AS (
    SELECT issuer, number, currency, sum(delta) AS amount
    FROM movement
    WHERE effective <= $4
      AND (CAST($5 AS date) IS NULL OR recorded <= $5)
      AND (CAST($1 AS text) IS NULL OR issuer = $1)
      AND (CAST($2 AS text) IS NULL OR holder = $2 OR (principal = $2 AND holder <> principal))
      AND (CAST($3 AS text) IS NULL OR obligee = $3)
    GROUP BY issuer, number, currency
    HAVING sum(delta) <> 0
),
-- Bond by bond: a join would read the versions of all bonds there are.
ending AS MATERIALIZED (
    SELECT standing.amount, standing.currency,
           (SELECT substr(made.ends, 1, 7)
            FROM bond_version AS made
            WHERE made.issuer = standing.issuer AND made.number = standing.number
            ORDER BY CASE WHEN made.created_at < $6 THEN -made.version ELSE 0 END, made.version
            LIMIT 1) AS month
    FROM standing
    WHERE NOT EXISTS (
        SELECT 1
        FROM bond
        WHERE bond.issuer = standing.issuer AND bond.number = standing.number
          AND bond.sealed_until > $7
          AND (CAST($8 AS text) IS NULL OR bond.issuer <> $8)
    )
)
SELECT month                             AS "month!: String",
       CAST(sum(amount) AS bigint)       AS "amount!: i64",
       currency                          AS "currency!",
       count(*)                          AS "bonds!: i64"
FROM ending
WHERE month IS NOT NULL
GROUP BY month, currency
ORDER BY month, currency
