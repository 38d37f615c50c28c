-- The ledger with its second time and the shares of joint ventures (R40, R42). Its twin is
-- ../postgres/0007_liability.sql; this store keeps no sums and adds up what it is asked for.

CREATE TABLE movement_renewed (
    id         BLOB    PRIMARY KEY,
    issuer     TEXT    NOT NULL,
    number     TEXT    NOT NULL,
    principal  TEXT    NOT NULL,
    -- Who answers for it: the principal, or a member of a joint venture with its share.
    holder     TEXT    NOT NULL,
    obligee    TEXT    NOT NULL,
    -- From which day on it counts.
    effective  TEXT    NOT NULL,
    -- On which day the hub came to know it.
    recorded   TEXT    NOT NULL,
    -- Minor units of the currency, positive or negative.
    delta      INTEGER NOT NULL,
    currency   TEXT    NOT NULL CHECK (length(currency) = 3),
    -- By how much the number of bonds outstanding changes.
    bonds      INTEGER NOT NULL,
    -- By how much the number of bonds changes that the holder answers for.
    held       INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Movements from before: held by their principal, recorded on the day they were written, Japanese time.
-- Whether a bond begins or ceases to count is worked out from its sums, day by day.
WITH daily AS (
    SELECT issuer, number, effective, sum(delta) AS delta, max(id) AS last
    FROM movement
    GROUP BY issuer, number, effective
),
running AS (
    SELECT last, delta,
           sum(delta) OVER (PARTITION BY issuer, number ORDER BY effective) AS after
    FROM daily
),
counted AS (
    SELECT last, (after <> 0) - (after - delta <> 0) AS change FROM running
)
INSERT INTO movement_renewed
SELECT id, issuer, number, principal, principal, obligee, effective,
       date(created_at / 1000000 + 32400, 'unixepoch'), delta, currency,
       coalesce(change, 0), coalesce(change, 0), created_at
FROM movement
LEFT JOIN counted ON last = id;

DROP TABLE movement;
ALTER TABLE movement_renewed RENAME TO movement;
CREATE INDEX movement_of_bond ON movement (issuer, number);
CREATE INDEX movement_effective ON movement (effective);
CREATE INDEX movement_held ON movement (holder, effective);
CREATE INDEX movement_towards ON movement (obligee, effective);
CREATE INDEX movement_venture ON movement (principal, effective) WHERE holder <> principal;
CREATE TRIGGER movement_no_update BEFORE UPDATE ON movement
BEGIN SELECT RAISE(ABORT, 'rows of movement are never changed or deleted'); END;
CREATE TRIGGER movement_no_delete BEFORE DELETE ON movement
BEGIN SELECT RAISE(ABORT, 'rows of movement are never changed or deleted'); END;

-- What contractors said about figures across issuers (R43); the last word counts.
CREATE TABLE liability_consent (
    id         BLOB    PRIMARY KEY,
    contractor TEXT    NOT NULL,
    given      INTEGER NOT NULL CHECK (given IN (0, 1)),
    said_by    TEXT    NOT NULL,
    at         INTEGER NOT NULL
) STRICT;
CREATE INDEX liability_consent_of ON liability_consent (contractor, at);

-- Up to where issuers want to answer for a contractor (R43); the last word counts.
CREATE TABLE liability_limit (
    id         BLOB    PRIMARY KEY,
    issuer     TEXT    NOT NULL,
    contractor TEXT    NOT NULL,
    currency   TEXT    NOT NULL CHECK (length(currency) = 3),
    -- Minor units; none lifts the limit.
    amount     INTEGER CHECK (amount >= 0),
    said_by    TEXT    NOT NULL,
    at         INTEGER NOT NULL
) STRICT;
CREATE INDEX liability_limit_of ON liability_limit (issuer, contractor, currency, at);
CREATE TRIGGER liability_consent_no_update BEFORE UPDATE ON liability_consent
BEGIN SELECT RAISE(ABORT, 'rows of liability_consent are never changed or deleted'); END;
CREATE TRIGGER liability_consent_no_delete BEFORE DELETE ON liability_consent
BEGIN SELECT RAISE(ABORT, 'rows of liability_consent are never changed or deleted'); END;
CREATE TRIGGER liability_limit_no_update BEFORE UPDATE ON liability_limit
BEGIN SELECT RAISE(ABORT, 'rows of liability_limit are never changed or deleted'); END;
CREATE TRIGGER liability_limit_no_delete BEFORE DELETE ON liability_limit
BEGIN SELECT RAISE(ABORT, 'rows of liability_limit are never changed or deleted'); END;

-- When a bond ends, for the question what ends when.
ALTER TABLE bond ADD COLUMN ends TEXT GENERATED ALWAYS AS (json_extract(terms, '$.period.to')) VIRTUAL;
