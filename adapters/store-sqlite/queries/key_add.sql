-- A key issued.
INSERT INTO bond_key
    (kid, issuer, number, version, edition, holder, role, digest, statement, issued_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
