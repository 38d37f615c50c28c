-- What ends when, of what is outstanding at the end of day $4, as known on $5: by the month of the last day the bonds had in
-- the version made before $6, or the first.
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
)
SELECT substr(bond_version.ends, 1, 7)          AS "month!: String",
       CAST(sum(standing.amount) AS bigint)     AS "amount!: i64",
       standing.currency                        AS "currency!",
       count(*)                                 AS "bonds!: i64"
FROM standing
JOIN bond_version ON bond_version.issuer = standing.issuer
    AND bond_version.number = standing.number
    AND bond_version.version = (
        SELECT coalesce(max(CASE WHEN made.created_at < $6 THEN made.version END), min(made.version))
        FROM bond_version AS made
        WHERE made.issuer = standing.issuer AND made.number = standing.number
    )
GROUP BY substr(bond_version.ends, 1, 7), standing.currency
ORDER BY substr(bond_version.ends, 1, 7), standing.currency
