-- Adds movements to what stands of their bonds.
INSERT INTO bond_standing AS kept (issuer, number, principal, holder, obligee, currency, amount, bonds, held)
SELECT issuer, number, principal, holder, obligee, currency, sum(delta), sum(bonds), sum(held)
FROM movement_new
JOIN movement ON movement.id = movement_new.movement
GROUP BY issuer, number, principal, holder, obligee, currency
HAVING sum(delta) <> 0 OR sum(bonds) <> 0 OR sum(held) <> 0
ON CONFLICT (issuer, number, holder, principal, obligee, currency) DO UPDATE
SET amount = kept.amount + excluded.amount,
    bonds  = kept.bonds + excluded.bonds,
    held   = kept.held + excluded.held
