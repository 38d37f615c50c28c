-- Embargoes bond by bond (R21), so that the database tells what a figure leaves out. Its twin is ../sqlite/0017_embargoes.sql.

ALTER TABLE bond ADD COLUMN sealed_until timestamptz;
COMMENT ON COLUMN bond.sealed_until IS 'When its embargo ends or has ended; none if it never is under one';
-- Of bonds from before, the program works it out from their cases right after this; this day marks them, which no case says.
UPDATE bond
SET sealed_until = '9999-12-30 00:00:00Z'
FROM procurement_case
WHERE procurement_case.id = bond.procurement
  AND procurement_case.sealed_until > now()
  AND (bond.terms LIKE '%"kind":"bid"%' OR bond.terms LIKE '%"kind":"performance_reservation"%');
CREATE INDEX bond_sealed ON bond (sealed_until, obligee) INCLUDE (issuer, number) WHERE sealed_until IS NOT NULL;

-- The case's own mark is told by its bonds now.
DROP INDEX procurement_case_sealed;
ALTER TABLE procurement_case DROP COLUMN sealed_until;

-- As in 0016, with what is needed to leave out what is sealed.
DROP INDEX bond_ends;
CREATE INDEX bond_ends ON bond (ends, issuer, number) INCLUDE (sealed_until) WHERE state IN ('reserved', 'in_force');
