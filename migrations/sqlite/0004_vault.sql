-- Originals under a data key of their own (R4), and copies that were given out (R23). Its twin is
-- ../postgres/0004_vault.sql.

-- One key for everything of a bond, wrapped by a master key; an empty number is the issuer's own, for
-- documents that are about no bond.
CREATE TABLE data_key (
    issuer     TEXT    NOT NULL,
    number     TEXT    NOT NULL,
    -- Its first 9 bytes name the master key.
    wrapped    BLOB    NOT NULL,
    made_at    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, number)
) STRICT;

-- Files that belong to bonds, each once for a bond however many versions name it; sealed under the
-- bond's data key.
CREATE TABLE attachment (
    issuer   TEXT    NOT NULL,
    number   TEXT    NOT NULL,
    sha256   TEXT    NOT NULL CHECK (length(sha256) = 64),
    taken_at INTEGER NOT NULL,
    sealed   BLOB    NOT NULL,
    PRIMARY KEY (issuer, number, sha256)
) STRICT;

-- Copies of originals that were given out.
CREATE TABLE copy (
    id       TEXT    PRIMARY KEY,
    issuer   TEXT    NOT NULL,
    number   TEXT    NOT NULL,
    version  INTEGER NOT NULL CHECK (version > 0),
    -- The signed document behind the version.
    document TEXT    NOT NULL,
    holder   TEXT    NOT NULL,
    role     TEXT    NOT NULL CHECK (role IN ('issuer', 'contractor', 'owner')),
    -- SHA-256 of the copy's bytes.
    sha256   TEXT    NOT NULL CHECK (length(sha256) = 64),
    made_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX copy_of_bond ON copy (issuer, number, made_at);

CREATE TRIGGER attachment_no_update BEFORE UPDATE ON attachment
BEGIN SELECT RAISE(ABORT, 'rows of attachment are never changed or deleted'); END;
CREATE TRIGGER attachment_no_delete BEFORE DELETE ON attachment
BEGIN SELECT RAISE(ABORT, 'rows of attachment are never changed or deleted'); END;
CREATE TRIGGER copy_no_update BEFORE UPDATE ON copy
BEGIN SELECT RAISE(ABORT, 'rows of copy are never changed or deleted'); END;
CREATE TRIGGER copy_no_delete BEFORE DELETE ON copy
BEGIN SELECT RAISE(ABORT, 'rows of copy are never changed or deleted'); END;
CREATE TRIGGER data_key_no_delete BEFORE DELETE ON data_key
BEGIN SELECT RAISE(ABORT, 'rows of data_key are never deleted'); END;

-- Documents from before this migration lie under the master key itself (first byte 1 or 2): changing
-- that key seals them anew. Nothing else of a document, and no other document, is ever changed.
DROP TRIGGER document_no_update;
CREATE TRIGGER document_no_update BEFORE UPDATE ON document
WHEN NOT (substr(OLD.sealed, 1, 1) IN (x'01', x'02')
    AND (OLD.digest, OLD.issuer, OLD.number, OLD.kind, OLD.signed_at, OLD.signer, OLD.taken_at)
        IS (NEW.digest, NEW.issuer, NEW.number, NEW.kind, NEW.signed_at, NEW.signer, NEW.taken_at))
BEGIN SELECT RAISE(ABORT, 'rows of document are never changed or deleted'); END;
