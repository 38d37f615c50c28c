-- Lists of paper bonds on their way in (R41), and what a bond guarantees. Its twin is ../sqlite/0011_paper_lists.sql.
--
-- A list is noted row by row, compared, and accepted in one step: before it nothing of the list exists for anybody, after
-- it all of it is taken, by whoever is there to do it. See docs/adr/0023.

CREATE TABLE paper_list (
    id          uuid PRIMARY KEY,
    issuer      text COLLATE "C" NOT NULL,
    entered_by  text        NOT NULL,
    begun_at    timestamptz NOT NULL,
    accepted_at timestamptz,
    taken       bigint      NOT NULL,
    changed_at  timestamptz NOT NULL
);
COMMENT ON TABLE paper_list IS 'Lists of paper bonds that are being compared, or taken';
COMMENT ON COLUMN paper_list.accepted_at IS 'From then on the whole list is taken, whatever happens';
COMMENT ON COLUMN paper_list.taken IS 'Rows up to this line are taken';

CREATE TABLE paper_row (
    list      uuid   NOT NULL REFERENCES paper_list (id) ON DELETE CASCADE,
    line      bigint NOT NULL,
    number    text COLLATE "C" NOT NULL,
    deed      text   NOT NULL CHECK (deed IN ('add', 'update', 'nothing')),
    guarantee text COLLATE "C",
    starts    date   NOT NULL,
    ends      date   NOT NULL,
    terms     text   NOT NULL,
    PRIMARY KEY (list, line)
);
COMMENT ON TABLE paper_row IS 'Rows of such lists that are not at fault';
COMMENT ON COLUMN paper_row.guarantee IS 'As bond.guarantee';
CREATE INDEX paper_row_number ON paper_row (list, number);
CREATE INDEX paper_row_guarantee ON paper_row (list, guarantee) WHERE guarantee IS NOT NULL;

-- What is guaranteed, to whom, for whom: one issuer gives it once for a day. A paper bond in a case of its own is compared
-- by its contract, and not at all without one.
ALTER TABLE bond ADD COLUMN guarantee text COLLATE "C" GENERATED ALWAYS AS (
    CASE
        WHEN left(procurement, 6) <> 'paper:' OR (terms::jsonb) ->> 'contract' IS NOT NULL
            THEN CASE WHEN left(procurement, 6) = 'paper:' THEN '' ELSE procurement END
                || E'\n' || coalesce((terms::jsonb) ->> 'contract', '')
                || E'\n' || coalesce((terms::jsonb) ->> 'lot', '')
                || E'\n' || coalesce((terms::jsonb) ->> 'kind', '')
                || E'\n' || principal
                || E'\n' || obligee
    END
) STORED;
CREATE INDEX bond_guarantee ON bond (issuer, guarantee)
    WHERE guarantee IS NOT NULL AND state IN ('reserved', 'in_force', 'frozen');

-- Cases, the last changed first, page by page.
CREATE INDEX procurement_case_changed ON procurement_case (changed_at DESC, id);

-- From when on nothing of a case is under embargo any more (R21): far away while an opening is not known, none if nothing ever
-- was. What was written before is looked at until it is written again.
ALTER TABLE procurement_case ADD COLUMN sealed_until timestamptz DEFAULT '9999-12-31 00:00:00Z';
ALTER TABLE procurement_case ALTER COLUMN sealed_until DROP DEFAULT;
CREATE INDEX procurement_case_sealed ON procurement_case (sealed_until) WHERE sealed_until IS NOT NULL;

-- When a bond ended by each of its versions, for the question what ended when.
ALTER TABLE bond_version ADD COLUMN ends text COLLATE "C"
    GENERATED ALWAYS AS ((terms::jsonb) -> 'period' ->> 'to') STORED;
