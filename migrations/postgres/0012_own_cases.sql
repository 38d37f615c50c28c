-- Whose case it is, so that an owner's list of its cases is read from an index (R8). Its twin is
-- ../sqlite/0012_own_cases.sql: same column, same index.

ALTER TABLE procurement_case ADD COLUMN owner text COLLATE "C";
COMMENT ON COLUMN procurement_case.owner IS 'The owner as the case file has it; none while it is not known';

UPDATE procurement_case SET owner = state::json -> 'owner' ->> 'v';

CREATE INDEX procurement_case_owner ON procurement_case (owner, id) WHERE owner IS NOT NULL;
