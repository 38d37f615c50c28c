-- Adds movements to what stands of their bonds, and notes what is asked of those: when they end, if they end by date, and until when they are
-- under embargo.
INSERT INTO bond_standing AS kept
    (issuer, number, principal, holder, obligee, currency, amount, bonds, held, last_day, sealed_until)
SELECT added.*, CASE WHEN bond.state IN ('reserved', 'in_force') THEN bond.ends::date ELSE 'infinity' END, bond.sealed_until
FROM (
    SELECT issuer, number, principal, holder, obligee, currency, sum(delta), sum(bonds), sum(held)
    FROM movement_new
    JOIN movement ON movement.id = movement_new.movement
    GROUP BY issuer, number, principal, holder, obligee, currency
    HAVING sum(delta) <> 0 OR sum(bonds) <> 0 OR sum(held) <> 0
) AS added
LEFT JOIN bond ON bond.issuer = added.issuer AND bond.number = added.number
ON CONFLICT (issuer, number, holder, principal, obligee, currency) DO UPDATE
SET amount       = kept.amount + excluded.amount,
    bonds        = kept.bonds + excluded.bonds,
    held         = kept.held + excluded.held,
    last_day     = excluded.last_day,
    sealed_until = excluded.sealed_until
