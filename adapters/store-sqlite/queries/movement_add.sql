-- A movement of the ledger.
INSERT INTO movement
    (id, issuer, number, principal, holder, obligee, effective, recorded, delta, currency, bonds, held, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
