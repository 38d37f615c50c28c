-- What the ledger will note of a bond once others end by their periods, for figures of days to come. Its twin is ../postgres/0021_coming.sql.

ALTER TABLE bond ADD COLUMN foreseen TEXT;
CREATE INDEX bond_foreseen ON bond (issuer, number) WHERE foreseen IS NOT NULL;

-- Only reconciling can tell it: the hub looks at these cases at once.
UPDATE procurement_case
SET due_at = unixepoch() * 1000000
WHERE id IN (SELECT procurement FROM bond WHERE kind = 'performance_reservation' AND state IN ('reserved', 'in_force', 'frozen'))
  AND (due_at IS NULL OR due_at > unixepoch() * 1000000);
