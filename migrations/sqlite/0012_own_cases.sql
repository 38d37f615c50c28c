-- Whose case it is, so that an owner's list of its cases is read from an index (R8). Its twin is
-- ../postgres/0012_own_cases.sql: same column, same index.

-- The owner as the case file has it; none while it is not known.
ALTER TABLE procurement_case ADD COLUMN owner TEXT;

UPDATE procurement_case SET owner = json_extract(state, '$.owner.v');

CREATE INDEX procurement_case_owner ON procurement_case (owner, id) WHERE owner IS NOT NULL;
