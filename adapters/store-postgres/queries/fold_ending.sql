-- What stands, by the month of the last day the bonds have now. Last days are read as in expiries_standing.sql.
INSERT INTO ending_month (month, currency, amount, bonds)
SELECT month, currency, sum(amount), sum(bonds)
FROM (
    SELECT bond_standing.currency, bond_standing.amount, bond_standing.bonds,
           substr(coalesce(alive.ends, (SELECT bond.ends FROM bond
                                        WHERE bond.issuer = bond_standing.issuer
                                          AND bond.number = bond_standing.number)), 1, 7) AS month
    FROM bond_standing
    LEFT JOIN (SELECT issuer, number, ends FROM bond WHERE state IN ('reserved', 'in_force', 'frozen')) AS alive
        ON alive.issuer = bond_standing.issuer AND alive.number = bond_standing.number
) AS ending
WHERE month IS NOT NULL
GROUP BY month, currency
