-- A new version of a bond.
INSERT INTO bond_version (issuer, number, version, terms, cause, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
