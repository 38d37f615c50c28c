-- What ends when, of everything that is outstanding at the end of day $1, by the last days the bonds have now: as expiries_standing.sql,
-- from sums. Bonds that were moved to another month since are taken out of the month that the sums have them in: the one before their
-- first move.
WITH moved AS (
    SELECT DISTINCT ON (issuer, number) issuer, number, month
    FROM bond_moved
    ORDER BY issuer, number, id
),
part AS (
    SELECT month, currency, amount, bonds
    FROM ending_month
    UNION ALL
    SELECT moved.month, standing.currency, -standing.amount, -standing.bonds
    FROM moved
    JOIN bond_standing AS standing ON standing.issuer = moved.issuer AND standing.number = moved.number
    UNION ALL
    SELECT substr(bond.ends, 1, 7), standing.currency, standing.amount, standing.bonds
    FROM moved
    JOIN bond_standing AS standing ON standing.issuer = moved.issuer AND standing.number = moved.number
    JOIN bond ON bond.issuer = moved.issuer AND bond.number = moved.number
    UNION ALL
    SELECT substr(bond.ends, 1, 7), movement.currency, movement.delta, movement.bonds
    FROM movement_new
    JOIN movement ON movement.id = movement_new.movement
    JOIN bond ON bond.issuer = movement.issuer AND bond.number = movement.number
    UNION ALL
    SELECT substr(bond.ends, 1, 7), movement.currency, -movement.delta, -movement.bonds
    FROM movement
    JOIN bond ON bond.issuer = movement.issuer AND bond.number = movement.number
    WHERE movement.effective > $1
)
SELECT month                        AS "month!: String",
       CAST(sum(amount) AS bigint)  AS "amount!: i64",
       currency                     AS "currency!",
       CAST(sum(bonds) AS bigint)   AS "bonds!: i64"
FROM part
WHERE month IS NOT NULL
GROUP BY month, currency
HAVING sum(amount) <> 0
ORDER BY month, currency
