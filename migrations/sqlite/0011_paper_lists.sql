-- Lists of paper bonds on their way in (R41), and what a bond guarantees. Its twin is ../postgres/0011_paper_lists.sql.
--
-- A list is noted row by row, compared, and accepted in one step: before it nothing of the list exists for anybody, after
-- it all of it is taken, by whoever is there to do it. See docs/adr/0023.

CREATE TABLE paper_list (
    id          BLOB    PRIMARY KEY,
    issuer      TEXT    NOT NULL,
    entered_by  TEXT    NOT NULL,
    begun_at    INTEGER NOT NULL,
    -- From then on the whole list is taken, whatever happens.
    accepted_at INTEGER,
    -- Rows up to this line are taken.
    taken       INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE paper_row (
    list      BLOB    NOT NULL REFERENCES paper_list (id) ON DELETE CASCADE,
    line      INTEGER NOT NULL,
    number    TEXT    NOT NULL,
    deed      TEXT    NOT NULL CHECK (deed IN ('add', 'update', 'nothing')),
    -- As bond.guarantee.
    guarantee TEXT,
    starts    TEXT    NOT NULL,
    ends      TEXT    NOT NULL,
    terms     TEXT    NOT NULL,
    PRIMARY KEY (list, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX paper_row_number ON paper_row (list, number);
CREATE INDEX paper_row_guarantee ON paper_row (list, guarantee) WHERE guarantee IS NOT NULL;

-- What is guaranteed, to whom, for whom: one issuer gives it once for a day. A paper bond in a case of its own is compared
-- by its contract, and not at all without one.
ALTER TABLE bond ADD COLUMN guarantee TEXT GENERATED ALWAYS AS (
    CASE
        WHEN substr(procurement, 1, 6) <> 'paper:' OR json_extract(terms, '$.contract') IS NOT NULL
            THEN CASE WHEN substr(procurement, 1, 6) = 'paper:' THEN '' ELSE procurement END
                || char(10) || coalesce(json_extract(terms, '$.contract'), '')
                || char(10) || coalesce(json_extract(terms, '$.lot'), '')
                || char(10) || coalesce(json_extract(terms, '$.kind'), '')
                || char(10) || principal
                || char(10) || obligee
    END
) VIRTUAL;
CREATE INDEX bond_guarantee ON bond (issuer, guarantee)
    WHERE guarantee IS NOT NULL AND state IN ('reserved', 'in_force', 'frozen');

-- Cases, the last changed first, page by page.
CREATE INDEX procurement_case_changed ON procurement_case (changed_at DESC, id);

-- From when on nothing of a case is under embargo any more (R21): far away while an opening is not known, none if nothing ever
-- was. What was written before is looked at until it is written again; every write says it.
ALTER TABLE procurement_case ADD COLUMN sealed_until INTEGER DEFAULT 253402214400000000;
CREATE INDEX procurement_case_sealed ON procurement_case (sealed_until) WHERE sealed_until IS NOT NULL;

-- When a bond ended by each of its versions, for the question what ended when.
ALTER TABLE bond_version ADD COLUMN ends TEXT GENERATED ALWAYS AS (json_extract(terms, '$.period.to')) VIRTUAL;
