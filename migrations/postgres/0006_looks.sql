-- Looks at bonds, and who may look before the opening. Its twin is ../sqlite/0006_looks.sql.

CREATE TABLE look (
    id          uuid PRIMARY KEY,
    looked_at   timestamptz NOT NULL,
    kid         text COLLATE "C" NOT NULL,
    issuer      text COLLATE "C" NOT NULL,
    number      text COLLATE "C" NOT NULL,
    version     bigint      NOT NULL,
    holder      text COLLATE "C" NOT NULL,
    role        text        NOT NULL CHECK (role IN ('issuer', 'contractor', 'owner')),
    account     text COLLATE "C",
    address     text,
    shown       text        NOT NULL
        CHECK (shown IN ('existence', 'own', 'contract', 'opened', 'seen', 'granted', 'revoked')),
    round       text COLLATE "C" NOT NULL,
    opening_at  timestamptz,
    early_grant uuid
);
COMMENT ON TABLE look IS 'Every look with a key (R20); never changed';
COMMENT ON COLUMN look.account IS 'The account that was signed in';
COMMENT ON COLUMN look.address IS 'Where it came from';
COMMENT ON COLUMN look.shown IS 'That the bond exists, its content (on which ground), or nothing';
COMMENT ON COLUMN look.round IS 'The round of bidding: what was seen in one is hidden again in the next';
COMMENT ON COLUMN look.opening_at IS 'The opening that governed';
CREATE INDEX look_of_bond ON look (issuer, number, looked_at);
CREATE INDEX look_newest ON look (looked_at, id);
CREATE INDEX look_seen ON look (issuer, number, holder, looked_at) WHERE shown IN ('opened', 'seen') AND role = 'owner';
CREATE INDEX look_granted ON look (early_grant) WHERE early_grant IS NOT NULL;

CREATE TABLE early_grant (
    id          uuid PRIMARY KEY,
    account     text COLLATE "C" NOT NULL,
    party       text COLLATE "C" NOT NULL,
    procurement text COLLATE "C",
    reason      text        NOT NULL,
    granted_by  text        NOT NULL,
    granted_at  timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    revoked_at  timestamptz,
    revoked_by  text,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
COMMENT ON TABLE early_grant IS 'Named accounts of owners that may look before the opening (R21)';
COMMENT ON COLUMN early_grant.procurement IS 'For one case; none is every case of the owner';
CREATE INDEX early_grant_of_account ON early_grant (account);

CREATE TRIGGER unchanged BEFORE UPDATE ON look FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER kept BEFORE DELETE ON early_grant FOR EACH ROW EXECUTE FUNCTION refuse_change();
