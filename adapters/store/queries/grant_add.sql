-- Lets an account look before the opening.
INSERT INTO early_grant (id, account, party, procurement, reason, granted_by, granted_at, until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
