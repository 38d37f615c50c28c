-- Originals under a data key of their own (R4), and copies that were given out (R23). Its twin is
-- ../sqlite/0004_vault.sql.

CREATE TABLE data_key (
    issuer     text COLLATE "C" NOT NULL,
    number     text COLLATE "C" NOT NULL,
    wrapped    bytea       NOT NULL,
    made_at    timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (issuer, number)
);
COMMENT ON TABLE data_key IS 'One key for everything of a bond (R4), wrapped by a master key';
COMMENT ON COLUMN data_key.number IS 'Empty for documents of the issuer that are about no bond';
COMMENT ON COLUMN data_key.wrapped IS 'Its first 9 bytes name the master key';

CREATE TABLE attachment (
    issuer   text COLLATE "C" NOT NULL,
    number   text COLLATE "C" NOT NULL,
    sha256   text        NOT NULL CHECK (length(sha256) = 64),
    taken_at timestamptz NOT NULL,
    sealed   bytea       NOT NULL,
    PRIMARY KEY (issuer, number, sha256)
);
COMMENT ON TABLE attachment IS 'Files that belong to bonds, each once for a bond, sealed under the bond''s data key (R4)';
ALTER TABLE attachment ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE copy (
    id       text COLLATE "C" PRIMARY KEY,
    issuer   text COLLATE "C" NOT NULL,
    number   text COLLATE "C" NOT NULL,
    version  bigint      NOT NULL CHECK (version > 0),
    document text        NOT NULL,
    holder   text COLLATE "C" NOT NULL,
    role     text        NOT NULL CHECK (role IN ('issuer', 'contractor', 'owner')),
    sha256   text        NOT NULL CHECK (length(sha256) = 64),
    made_at  timestamptz NOT NULL
);
COMMENT ON TABLE copy IS 'Copies of originals that were given out (R23)';
COMMENT ON COLUMN copy.document IS 'The signed document behind the version';
COMMENT ON COLUMN copy.sha256 IS 'SHA-256 of the copy''s bytes';
CREATE INDEX copy_of_bond ON copy (issuer, number, made_at);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON attachment FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON copy FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER kept BEFORE DELETE ON data_key FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Documents from before this migration lie under the master key itself (first byte 1 or 2): changing
-- that key seals them anew. Nothing else of a document, and no other document, is ever changed.
DROP TRIGGER append_only ON document;
CREATE TRIGGER kept BEFORE DELETE ON document FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE ON document FOR EACH ROW
WHEN (NOT (substr(OLD.sealed, 1, 1) IN ('\x01', '\x02')
    AND (OLD.digest, OLD.issuer, OLD.number, OLD.kind, OLD.signed_at, OLD.signer, OLD.taken_at)
        IS NOT DISTINCT FROM
        (NEW.digest, NEW.issuer, NEW.number, NEW.kind, NEW.signed_at, NEW.signer, NEW.taken_at)))
EXECUTE FUNCTION refuse_change();
