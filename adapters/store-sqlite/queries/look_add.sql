-- A look; one that is there already is left as it is.
INSERT INTO look
    (id, looked_at, kid, issuer, number, version, holder, role, account, address, shown, round, opening_at, early_grant)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (id) DO NOTHING
