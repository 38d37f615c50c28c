-- The first schema. Its twin is ../postgres/0001_initial.sql: same tables, same columns, same meaning.
--
-- Ids and times always come from the program; there are no defaults that make one. Times are whole
-- microseconds since 1970 in UTC, days are text (2026-04-01), ids are 16 bytes, truth is 0 or 1,
-- JSON is text. Tables on the path of an event have no foreign keys: see the twin.

-- One row that counts the changes of parties, certificates and instructions.
CREATE TABLE book (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    generation INTEGER NOT NULL
) STRICT;
INSERT INTO book (one, generation) VALUES (1, 0);

-- Issuers, contractors and owners (R1).
CREATE TABLE party (
    code       TEXT    PRIMARY KEY,
    -- JSON: roles, names, mail addresses, language, members.
    content    TEXT    NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

-- Pinned certificates that mails are encrypted to (R50); public keys only.
CREATE TABLE openpgp_certificate (
    party        TEXT    NOT NULL REFERENCES party (code),
    fingerprint  TEXT    NOT NULL,
    bytes        BLOB    NOT NULL,
    usable_until INTEGER,
    -- The recipient reads SEIPDv2.
    modern       INTEGER NOT NULL,
    revoked_at   INTEGER,
    added_at     INTEGER NOT NULL,
    PRIMARY KEY (party, fingerprint)
) STRICT;

-- Pinned X.509 certificates that issuers sign with (R5).
CREATE TABLE signing_certificate (
    party         TEXT    NOT NULL REFERENCES party (code),
    fingerprint   TEXT    NOT NULL,
    der           BLOB    NOT NULL,
    valid_from    INTEGER NOT NULL,
    valid_until   INTEGER NOT NULL,
    revoked_at    INTEGER,
    -- The private key an issuer entrusted (R12), sealed under the master key.
    entrusted_key BLOB,
    added_at      INTEGER NOT NULL,
    PRIMARY KEY (party, fingerprint)
) STRICT;

-- Standing instructions of issuers (R31); which one holds is worked out from their content.
CREATE TABLE instruction (
    issuer   TEXT    NOT NULL,
    -- Digest of the signed document behind it.
    document TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    content  TEXT    NOT NULL,
    taken_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, document)
) STRICT;

-- Case files: facts that were learned, and what was done about them.
CREATE TABLE procurement_case (
    id         TEXT    PRIMARY KEY,
    -- Guards every write: raised by each, also by making the case due.
    version    INTEGER NOT NULL CHECK (version > 0),
    -- JSON: the whole case file.
    state      TEXT    NOT NULL,
    -- When it must be looked at again without an event.
    due_at     INTEGER,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX procurement_case_due ON procurement_case (due_at, id) WHERE due_at IS NOT NULL;

-- What a case waits for, e.g. certificate:C-77: a change of that makes it due.
CREATE TABLE case_wait (
    procurement TEXT    NOT NULL,
    waits_for   TEXT    NOT NULL,
    PRIMARY KEY (procurement, waits_for)
) STRICT;
CREATE INDEX case_wait_for ON case_wait (waits_for);

-- The inbox: every event that ever came, and what became of it (R35).
CREATE TABLE event (
    -- Made from source and event id: the same event twice is one row.
    id           BLOB    PRIMARY KEY,
    source       TEXT    NOT NULL,
    event_id     TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    subject      TEXT,
    happened_at  INTEGER NOT NULL,
    -- SHA-256 of the content: tells a duplicate from a conflict.
    digest       TEXT    NOT NULL,
    state        TEXT    NOT NULL
        CHECK (state IN ('applied', 'overtaken', 'nothing', 'waiting', 'set_aside', 'resubmitted')),
    -- JSON: why it was set aside.
    rejection    TEXT,
    waits_for    TEXT,
    -- The event, or the original bytes of what could not be read; sealed under the master key where sealed is 1.
    body         BLOB    NOT NULL,
    sealed       INTEGER NOT NULL,
    content_type TEXT,
    received_at  INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX event_newest ON event (received_at, id);
CREATE INDEX event_of_case ON event (subject, received_at) WHERE subject IS NOT NULL;
CREATE INDEX event_state ON event (state);
CREATE INDEX event_waits ON event (waits_for) WHERE waits_for IS NOT NULL;

-- Documents issuers signed, as they came (R5), sealed under the master key.
CREATE TABLE document (
    digest    TEXT    PRIMARY KEY,
    issuer    TEXT    NOT NULL,
    -- The bond it is about, if it is about one.
    number    TEXT,
    kind      TEXT    NOT NULL,
    signed_at INTEGER NOT NULL,
    signer    TEXT    NOT NULL,
    sealed    BLOB    NOT NULL,
    taken_at  INTEGER NOT NULL
) STRICT;

-- Bonds as they are now (R3).
CREATE TABLE bond (
    issuer      TEXT    NOT NULL,
    number      TEXT    NOT NULL,
    -- Its case, for good: a write from another case is a conflict.
    procurement TEXT    NOT NULL,
    principal   TEXT    NOT NULL,
    obligee     TEXT    NOT NULL,
    version     INTEGER NOT NULL CHECK (version > 0),
    state       TEXT    NOT NULL
        CHECK (state IN ('reserved', 'in_force', 'frozen', 'released', 'expired', 'claimed', 'converted')),
    -- JSON: the content of this version.
    terms       TEXT    NOT NULL,
    -- JSON: the rule and the fact behind its state.
    cause       TEXT    NOT NULL,
    changed_at  INTEGER NOT NULL,
    PRIMARY KEY (issuer, number)
) STRICT;
CREATE INDEX bond_of_case ON bond (procurement);
CREATE INDEX bond_of_principal ON bond (principal);

-- Every version of every bond; never changed (R4).
CREATE TABLE bond_version (
    issuer     TEXT    NOT NULL,
    number     TEXT    NOT NULL,
    version    INTEGER NOT NULL CHECK (version > 0),
    terms      TEXT    NOT NULL,
    cause      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, number, version)
) STRICT;

-- Authentication keys without their secrets (R13).
CREATE TABLE bond_key (
    kid          TEXT    PRIMARY KEY,
    issuer       TEXT    NOT NULL,
    number       TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    -- Counts issues and ends of keys of the bond: ending names an edition, and all up to it are dead (R11).
    edition      INTEGER NOT NULL,
    holder       TEXT    NOT NULL,
    role         TEXT    NOT NULL CHECK (role IN ('issuer', 'contractor', 'owner')),
    -- HMAC-SHA-256 of kid and secret.
    digest       BLOB    NOT NULL,
    -- The signed statement (CMS), without the secret.
    statement    BLOB    NOT NULL,
    issued_at    INTEGER NOT NULL,
    -- Since when it is dead; none while it works.
    ended_at     INTEGER,
    ended_reason TEXT,
    CHECK ((ended_at IS NULL) = (ended_reason IS NULL))
) STRICT;
-- Not partial on ended_at: so that ending a key stays an update within its page.
CREATE INDEX bond_key_of_bond ON bond_key (issuer, number, edition);

-- What people must do; the same need in a case is one task.
CREATE TABLE task (
    procurement TEXT    NOT NULL,
    -- Kind and subject, e.g. bond_missing|contract:K-1.
    task        TEXT    NOT NULL,
    content     TEXT    NOT NULL,
    opened_at   INTEGER NOT NULL,
    closed_at   INTEGER,
    PRIMARY KEY (procurement, task)
) STRICT;
CREATE INDEX task_open ON task (opened_at) WHERE closed_at IS NULL;

-- The ledger of outstanding liability (R40); corrected only by further movements.
CREATE TABLE movement (
    id         BLOB    PRIMARY KEY,
    issuer     TEXT    NOT NULL,
    number     TEXT    NOT NULL,
    principal  TEXT    NOT NULL,
    obligee    TEXT    NOT NULL,
    effective  TEXT    NOT NULL,
    -- Minor units of the currency, positive or negative.
    delta      INTEGER NOT NULL,
    currency   TEXT    NOT NULL CHECK (length(currency) = 3),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX movement_of_bond ON movement (issuer, number);

-- What must leave the hub, and how far it got.
CREATE TABLE outbox (
    id              BLOB    PRIMARY KEY,
    channel         TEXT    NOT NULL CHECK (channel IN ('mail', 'event')),
    procurement     TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    recipient       TEXT,
    -- JSON: the envelope recipients of a mail.
    envelope_to     TEXT    NOT NULL,
    message_id      TEXT    NOT NULL,
    -- The finished mail (encrypted), or the events as a JSON array.
    body            BLOB    NOT NULL,
    carries_issuer  TEXT,
    carries_number  TEXT,
    carries_role    TEXT,
    -- The key a mail carries: its bond, role and edition.
    carries_edition INTEGER,
    -- Fingerprint of the recipient's certificate.
    encrypted_to    TEXT,
    state           TEXT    NOT NULL
        CHECK (state IN ('ready', 'leased', 'retry', 'sent', 'failed', 'uncertain', 'overtaken')),
    attempts        INTEGER NOT NULL,
    due_at          INTEGER NOT NULL,
    -- Fences: whoever comes with another token changes nothing.
    lease_token     BLOB,
    lease_until     INTEGER,
    -- Set before the first byte is sent: if the sender is lost afterwards, nobody knows the mail's fate.
    calling_at      INTEGER,
    -- A later fact made it pointless; it is not sent again, however it is settled.
    overtaken_at    INTEGER,
    last_reply      TEXT,
    created_at      INTEGER NOT NULL,
    changed_at      INTEGER NOT NULL,
    CHECK ((state = 'leased') = (lease_token IS NOT NULL)),
    CHECK ((lease_token IS NULL) = (lease_until IS NULL)),
    CHECK (calling_at IS NULL OR lease_token IS NOT NULL)
) STRICT;
CREATE INDEX outbox_due ON outbox (channel, due_at, id) WHERE state IN ('ready', 'retry');
CREATE INDEX outbox_leased ON outbox (lease_until) WHERE state = 'leased';
CREATE INDEX outbox_carries ON outbox (carries_issuer, carries_number)
    WHERE state NOT IN ('sent', 'overtaken') AND carries_issuer IS NOT NULL;
CREATE INDEX outbox_newest ON outbox (created_at, id);
CREATE INDEX outbox_of_case ON outbox (procurement);

-- History that nobody rewrites, the program included.
CREATE TRIGGER document_no_update BEFORE UPDATE ON document
BEGIN SELECT RAISE(ABORT, 'rows of document are never changed or deleted'); END;
CREATE TRIGGER document_no_delete BEFORE DELETE ON document
BEGIN SELECT RAISE(ABORT, 'rows of document are never changed or deleted'); END;
CREATE TRIGGER bond_version_no_update BEFORE UPDATE ON bond_version
BEGIN SELECT RAISE(ABORT, 'rows of bond_version are never changed or deleted'); END;
CREATE TRIGGER bond_version_no_delete BEFORE DELETE ON bond_version
BEGIN SELECT RAISE(ABORT, 'rows of bond_version are never changed or deleted'); END;
CREATE TRIGGER movement_no_update BEFORE UPDATE ON movement
BEGIN SELECT RAISE(ABORT, 'rows of movement are never changed or deleted'); END;
CREATE TRIGGER movement_no_delete BEFORE DELETE ON movement
BEGIN SELECT RAISE(ABORT, 'rows of movement are never changed or deleted'); END;
