-- The audit log (R70). Its twin is ../postgres/0002_audit.sql: same tables, same columns, same meaning.
--
-- One chain for the installation: the hash of an entry is SHA-256(hash of the entry before || entry).

-- Where the chain ends.
CREATE TABLE audit_head (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    sequence INTEGER NOT NULL,
    hash     BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO audit_head (one, sequence, hash) VALUES (1, 0, zeroblob(32));

-- Who did what, when and why; append-only.
CREATE TABLE audit_entry (
    sequence INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    subject  TEXT    NOT NULL,
    -- Canonical JSON (RFC 8785): its bytes are hashed.
    entry    TEXT    NOT NULL,
    -- SHA-256(hash of the entry before || entry).
    hash     BLOB    NOT NULL
) STRICT;
CREATE INDEX audit_entry_of ON audit_entry (subject, sequence);
CREATE INDEX audit_entry_at ON audit_entry (at);

-- What is kept beside an entry; the entry holds SHA-256(salt || content). May be purged (R72), never changed.
CREATE TABLE audit_detail (
    sequence INTEGER PRIMARY KEY,
    salt     BLOB NOT NULL,
    content  TEXT NOT NULL
) STRICT;

-- Heads the hub signed (OpenPGP, detached), one a day.
CREATE TABLE audit_signed_head (
    day       TEXT    PRIMARY KEY,
    sequence  INTEGER NOT NULL,
    hash      BLOB    NOT NULL CHECK (length(hash) = 32),
    at        INTEGER NOT NULL,
    signature TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'rows of audit_entry are never changed or deleted'); END;
CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'rows of audit_entry are never changed or deleted'); END;
CREATE TRIGGER audit_signed_head_no_update BEFORE UPDATE ON audit_signed_head
BEGIN SELECT RAISE(ABORT, 'rows of audit_signed_head are never changed or deleted'); END;
CREATE TRIGGER audit_signed_head_no_delete BEFORE DELETE ON audit_signed_head
BEGIN SELECT RAISE(ABORT, 'rows of audit_signed_head are never changed or deleted'); END;
CREATE TRIGGER audit_detail_no_update BEFORE UPDATE ON audit_detail
BEGIN SELECT RAISE(ABORT, 'rows of audit_detail are never changed'); END;
CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the row of audit_head is never deleted'); END;
