-- The ledger with its second time, shares of joint ventures, and sums at ends of months (R40, R42).
-- Its twin is ../sqlite/0007_liability.sql.

ALTER TABLE movement
    ADD COLUMN holder   text COLLATE "C",
    ADD COLUMN recorded date,
    ADD COLUMN bonds    smallint,
    ADD COLUMN held     smallint;

-- Movements from before: held by their principal, recorded on the day they were written, Japanese time.
-- Whether a bond begins or ceases to count is worked out from its sums, day by day.
ALTER TABLE movement DISABLE TRIGGER append_only;
WITH daily AS (
    SELECT issuer, number, effective, sum(delta) AS delta, max(id::text) AS last
    FROM movement
    GROUP BY issuer, number, effective
),
running AS (
    SELECT last, delta,
           sum(delta) OVER (PARTITION BY issuer, number ORDER BY effective) AS after
    FROM daily
)
UPDATE movement
SET holder   = principal,
    recorded = (created_at AT TIME ZONE 'Asia/Tokyo')::date,
    bonds    = coalesce((SELECT (after <> 0)::int - (after - running.delta <> 0)::int
                         FROM running WHERE last = movement.id::text), 0);
UPDATE movement SET held = bonds;
ALTER TABLE movement ENABLE TRIGGER append_only;

ALTER TABLE movement
    ALTER COLUMN holder   SET NOT NULL,
    ALTER COLUMN recorded SET NOT NULL,
    ALTER COLUMN bonds    SET NOT NULL,
    ALTER COLUMN held     SET NOT NULL;
COMMENT ON COLUMN movement.holder IS 'Who answers for it: the principal, or a member of a joint venture with its share';
COMMENT ON COLUMN movement.effective IS 'From which day on it counts';
COMMENT ON COLUMN movement.recorded IS 'On which day the hub came to know it';
COMMENT ON COLUMN movement.bonds IS 'By how much the number of bonds outstanding changes';
COMMENT ON COLUMN movement.held IS 'By how much the number of bonds changes that the holder answers for';

-- How far apart the two times of a movement are, in classes. Asked for what was known on a day, the
-- store corrects what it knows now by the movements recorded later. In a class that lags at most n
-- days, those lie within n days of the day asked about: few, wherever in history that is.
CREATE FUNCTION movement_lag(effective date, recorded date) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    CASE
        WHEN recorded - effective < -512 THEN -5
        WHEN recorded - effective < -128 THEN -4
        WHEN recorded - effective < -32 THEN -3
        WHEN recorded - effective < -8 THEN -2
        WHEN recorded - effective < 0 THEN -1
        WHEN recorded - effective <= 8 THEN 0
        WHEN recorded - effective <= 32 THEN 1
        WHEN recorded - effective <= 128 THEN 2
        WHEN recorded - effective <= 512 THEN 3
        ELSE 4
    END::smallint;

CREATE INDEX movement_effective ON movement (effective);
CREATE INDEX movement_lagging ON movement (movement_lag(effective, recorded), effective);
CREATE INDEX movement_held ON movement (holder, effective);
CREATE INDEX movement_towards ON movement (obligee, effective);
CREATE INDEX movement_venture ON movement (principal, effective) WHERE holder <> principal;

CREATE TABLE movement_new (
    movement uuid PRIMARY KEY
);
COMMENT ON TABLE movement_new IS 'Movements that balance_month does not contain yet';
INSERT INTO movement_new SELECT id FROM movement;

CREATE TABLE balance_month (
    kind     text COLLATE "C" NOT NULL CHECK (kind IN ('total', 'issuer', 'contractor', 'venture', 'owner')),
    name     text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    month    date     NOT NULL,
    amount   bigint   NOT NULL,
    bonds    bigint   NOT NULL,
    PRIMARY KEY (kind, month, name, currency)
);
COMMENT ON TABLE balance_month IS 'What stands at the end of a month, of the movements that are not in movement_new';
COMMENT ON COLUMN balance_month.kind IS 'venture: a joint venture as a whole, beside its members'' shares';
COMMENT ON COLUMN balance_month.month IS 'The first day of the month';

CREATE TABLE balance_horizon (
    one   boolean PRIMARY KEY CHECK (one),
    month date NOT NULL
);
COMMENT ON TABLE balance_horizon IS 'One row: the last month of balance_month';
INSERT INTO balance_horizon (one, month) VALUES (true, DATE '1970-01-01');

CREATE TABLE liability_consent (
    id         uuid PRIMARY KEY,
    contractor text COLLATE "C" NOT NULL,
    given      boolean     NOT NULL,
    said_by    text        NOT NULL,
    at         timestamptz NOT NULL
);
COMMENT ON TABLE liability_consent IS 'What contractors said about figures across issuers (R43); the last word counts';
CREATE INDEX liability_consent_of ON liability_consent (contractor, at);

CREATE TABLE liability_limit (
    id         uuid PRIMARY KEY,
    issuer     text COLLATE "C" NOT NULL,
    contractor text COLLATE "C" NOT NULL,
    currency   text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    amount     bigint CHECK (amount >= 0),
    said_by    text        NOT NULL,
    at         timestamptz NOT NULL
);
COMMENT ON TABLE liability_limit IS 'Up to where issuers want to answer for a contractor (R43); the last word counts';
COMMENT ON COLUMN liability_limit.amount IS 'Minor units; none lifts the limit';
CREATE INDEX liability_limit_of ON liability_limit (issuer, contractor, currency, at);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON liability_consent FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON liability_limit FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- When a bond ends, for the question what ends when.
ALTER TABLE bond ADD COLUMN ends text COLLATE "C"
    GENERATED ALWAYS AS ((terms::jsonb) -> 'period' ->> 'to') STORED;
