-- Adds movements to the sums, of every kind in one pass: those of the months that are new (from day $1, before day $2),
-- and those of earlier months that were not contained yet. A movement counts at the end of its month and of
-- each later one, up to month $3. OFFSET 0 keeps the months from being worked out once for each kind.
WITH moved AS (
    SELECT issuer, holder, obligee, CASE WHEN holder <> principal THEN principal END AS venture, currency,
           effective - (extract(day FROM effective)::int - 1) AS month, delta, bonds, held
    FROM (
        SELECT issuer, principal, holder, obligee, effective, currency, delta, bonds, held
        FROM movement
        WHERE effective >= $1 AND effective < $2
        UNION ALL
        SELECT issuer, principal, holder, obligee, effective, currency, delta, bonds, held
        FROM movement_new
        JOIN movement ON movement.id = movement_new.movement
        WHERE effective < $1
    ) AS added
    OFFSET 0
),
change AS (
    SELECT CASE
               WHEN grouping(issuer) = 0 THEN 'issuer'
               WHEN grouping(holder) = 0 THEN 'contractor'
               WHEN grouping(obligee) = 0 THEN 'owner'
               WHEN grouping(venture) = 0 THEN 'venture'
               ELSE 'total'
           END AS kind,
           coalesce(issuer, holder, obligee, venture, '') AS name,
           currency, month,
           sum(delta) AS amount,
           CASE WHEN grouping(holder) = 0 THEN sum(held) ELSE sum(bonds) END AS bonds
    FROM moved
    GROUP BY GROUPING SETS ((currency, month), (issuer, currency, month), (holder, currency, month),
                            (obligee, currency, month), (venture, currency, month))
    HAVING grouping(venture) = 1 OR venture IS NOT NULL
),
month AS (
    SELECT kind, name, currency, later.month::date AS month
    FROM (SELECT kind, name, currency, min(month) AS first FROM change GROUP BY kind, name, currency) AS named
    CROSS JOIN generate_series(named.first, $3::date, interval '1 month') AS later (month)
)
INSERT INTO balance_month AS kept (kind, name, currency, month, amount, bonds)
SELECT kind, name, currency, month,
       sum(coalesce(amount, 0)) OVER until_then,
       sum(coalesce(bonds, 0)) OVER until_then
FROM month
LEFT JOIN change USING (kind, name, currency, month)
WINDOW until_then AS (PARTITION BY kind, name, currency ORDER BY month)
-- As it is read: what belongs to one month lies together.
ORDER BY kind, month, name, currency
ON CONFLICT (kind, month, name, currency) DO UPDATE
SET amount = kept.amount + excluded.amount,
    bonds  = kept.bonds + excluded.bonds
