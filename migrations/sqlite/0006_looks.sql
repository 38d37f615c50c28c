-- Looks at bonds, and who may look before the opening. Its twin is ../postgres/0006_looks.sql.

-- Every look with a key (R20); never changed.
CREATE TABLE look (
    id           BLOB    PRIMARY KEY,
    looked_at    INTEGER NOT NULL,
    kid          TEXT    NOT NULL,
    issuer       TEXT    NOT NULL,
    number       TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    holder       TEXT    NOT NULL,
    role         TEXT    NOT NULL CHECK (role IN ('issuer', 'contractor', 'owner')),
    -- The account that was signed in, and the address it came from.
    account      TEXT,
    address      TEXT,
    -- What was shown: that the bond exists, its content (on which ground), or nothing.
    shown        TEXT    NOT NULL
        CHECK (shown IN ('existence', 'own', 'contract', 'opened', 'seen', 'granted', 'revoked')),
    -- The round of bidding: what was seen in one is hidden again in the next.
    round        TEXT    NOT NULL,
    -- The opening that governed.
    opening_at   INTEGER,
    early_grant  BLOB
) STRICT;
CREATE INDEX look_of_bond ON look (issuer, number, looked_at);
CREATE INDEX look_newest ON look (looked_at, id);
CREATE INDEX look_seen ON look (issuer, number, holder, looked_at) WHERE shown IN ('opened', 'seen') AND role = 'owner';
CREATE INDEX look_granted ON look (early_grant) WHERE early_grant IS NOT NULL;

-- Named accounts of owners that may look before the opening (R21).
CREATE TABLE early_grant (
    id          BLOB    PRIMARY KEY,
    account     TEXT    NOT NULL,
    party       TEXT    NOT NULL,
    -- For one case; none is every case of the owner.
    procurement TEXT,
    reason      TEXT    NOT NULL,
    granted_by  TEXT    NOT NULL,
    granted_at  INTEGER NOT NULL,
    until       INTEGER NOT NULL,
    revoked_at  INTEGER,
    revoked_by  TEXT,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
) STRICT;
CREATE INDEX early_grant_of_account ON early_grant (account);

CREATE TRIGGER look_no_update BEFORE UPDATE ON look
BEGIN SELECT RAISE(ABORT, 'rows of look are never changed'); END;
CREATE TRIGGER early_grant_no_delete BEFORE DELETE ON early_grant
BEGIN SELECT RAISE(ABORT, 'rows of early_grant are never deleted'); END;
