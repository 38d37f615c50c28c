-- Embargoes bond by bond (R21), so that the database tells what a figure leaves out. Its twin is ../postgres/0017_embargoes.sql.

-- When its embargo ends or has ended; none if it never is under one.
ALTER TABLE bond ADD COLUMN sealed_until INTEGER;
-- Of bonds from before, the program works it out from their cases right after this; this day marks them, which no case says.
UPDATE bond
SET sealed_until = 253402128000000000
WHERE procurement IN (SELECT id FROM procurement_case WHERE sealed_until > unixepoch() * 1000000)
  AND (terms LIKE '%"kind":"bid"%' OR terms LIKE '%"kind":"performance_reservation"%');
CREATE INDEX bond_sealed ON bond (sealed_until) WHERE sealed_until IS NOT NULL;

-- The case's own mark is told by its bonds now.
DROP INDEX procurement_case_sealed;
ALTER TABLE procurement_case DROP COLUMN sealed_until;
