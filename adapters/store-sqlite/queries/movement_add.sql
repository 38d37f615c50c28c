-- A movement of the ledger.
INSERT INTO movement
    (id, issuer, number, principal, obligee, effective, delta, currency, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
