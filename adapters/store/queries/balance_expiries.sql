-- What ends when, of what is outstanding at the end of a day: by the month of the last day the bonds have now.
WITH standing AS (
    SELECT issuer, number, currency, sum(delta) AS amount
    FROM movement
    WHERE effective <= $4
      AND (CAST($1 AS text) IS NULL OR issuer = $1)
      AND (CAST($2 AS text) IS NULL OR holder = $2 OR (principal = $2 AND holder <> principal))
      AND (CAST($3 AS text) IS NULL OR obligee = $3)
    GROUP BY issuer, number, currency
    HAVING sum(delta) <> 0
)
SELECT substr(bond.ends, 1, 7)                  AS "month!: String",
       CAST(sum(standing.amount) AS bigint)     AS "amount!: i64",
       standing.currency                        AS "currency!",
       count(*)                                 AS "bonds!: i64"
FROM standing
JOIN bond ON bond.issuer = standing.issuer AND bond.number = standing.number
GROUP BY substr(bond.ends, 1, 7), standing.currency
ORDER BY substr(bond.ends, 1, 7), standing.currency
