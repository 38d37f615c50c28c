-- What ends when, of what is outstanding at the end of day $4, by the last days the bonds have now: as balance_standing.sql. The last
-- days of bonds that are alive are read from an index; the few others that stand have ended since, and are looked up. Without bonds under embargo after $5, but
-- those of issuer $6.
WITH part AS (
    SELECT issuer, number, holder, currency, amount, bonds, held
    FROM bond_standing
    WHERE (CAST($1 AS text) IS NULL OR issuer = $1)
      AND (CAST($2 AS text) IS NULL OR holder = $2 OR (principal = $2 AND holder <> principal))
      AND (CAST($3 AS text) IS NULL OR obligee = $3)
    UNION ALL
    SELECT issuer, number, holder, currency, delta, bonds, held
    FROM movement_new
    JOIN movement ON movement.id = movement_new.movement
    WHERE (CAST($1 AS text) IS NULL OR issuer = $1)
      AND (CAST($2 AS text) IS NULL OR holder = $2 OR (principal = $2 AND holder <> principal))
      AND (CAST($3 AS text) IS NULL OR obligee = $3)
    UNION ALL
    SELECT issuer, number, holder, currency, -delta, -bonds, -held
    FROM movement
    WHERE effective > $4
      AND (CAST($1 AS text) IS NULL OR issuer = $1)
      AND (CAST($2 AS text) IS NULL OR holder = $2 OR (principal = $2 AND holder <> principal))
      AND (CAST($3 AS text) IS NULL OR obligee = $3)
),
ending AS MATERIALIZED (
    SELECT part.amount, part.currency,
           CASE WHEN $2::text = part.holder THEN part.held ELSE part.bonds END AS bonds,
           substr(coalesce(alive.ends, (SELECT bond.ends FROM bond
                                        WHERE bond.issuer = part.issuer AND bond.number = part.number)), 1, 7)
               AS month
    FROM part
    LEFT JOIN (SELECT issuer, number, ends FROM bond WHERE state IN ('reserved', 'in_force', 'frozen')) AS alive
        ON alive.issuer = part.issuer AND alive.number = part.number
    WHERE NOT EXISTS (
        SELECT 1
        FROM bond
        WHERE bond.issuer = part.issuer AND bond.number = part.number
          AND bond.sealed_until > $5
          AND ($6::text IS NULL OR bond.issuer <> $6)
    )
)
SELECT month                        AS "month!: String",
       CAST(sum(amount) AS bigint)  AS "amount!: i64",
       currency                     AS "currency!",
       CAST(sum(bonds) AS bigint)   AS "bonds!: i64"
FROM ending
WHERE month IS NOT NULL
GROUP BY month, currency
HAVING sum(amount) <> 0
ORDER BY month, currency
