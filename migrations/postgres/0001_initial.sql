-- The first schema. Its twin is ../sqlite/0001_initial.sql: same tables, same columns, same meaning.
--
-- Ids and times always come from the program; there are no defaults that make one. Names compare
-- byte by byte (COLLATE "C"), so that both databases sort alike. JSON is kept as text: only the
-- program reads it. Tables on the path of an event have no foreign keys: everything in them is
-- written in one transaction under the version of its case, and a check per row would cost a lookup,
-- a row lock and, on a table that was empty when it was planned, a sequential scan.

CREATE TABLE book (
    one        boolean PRIMARY KEY CHECK (one),
    generation bigint  NOT NULL
);
COMMENT ON TABLE book IS 'One row that counts the changes of parties, certificates and instructions';
INSERT INTO book (one, generation) VALUES (true, 0);

CREATE TABLE party (
    code       text COLLATE "C" PRIMARY KEY,
    content    text        NOT NULL,
    changed_at timestamptz NOT NULL
);
COMMENT ON TABLE party IS 'Issuers, contractors and owners (R1)';
COMMENT ON COLUMN party.content IS 'JSON: roles, names, mail addresses, language, members';

CREATE TABLE openpgp_certificate (
    party        text COLLATE "C" NOT NULL REFERENCES party (code),
    fingerprint  text COLLATE "C" NOT NULL,
    bytes        bytea       NOT NULL,
    usable_until timestamptz,
    modern       boolean     NOT NULL,
    revoked_at   timestamptz,
    added_at     timestamptz NOT NULL,
    PRIMARY KEY (party, fingerprint)
);
COMMENT ON TABLE openpgp_certificate IS 'Pinned certificates that mails are encrypted to (R50); public keys only';
COMMENT ON COLUMN openpgp_certificate.modern IS 'The recipient reads SEIPDv2';

CREATE TABLE signing_certificate (
    party         text COLLATE "C" NOT NULL REFERENCES party (code),
    fingerprint   text COLLATE "C" NOT NULL,
    der           bytea       NOT NULL,
    valid_from    timestamptz NOT NULL,
    valid_until   timestamptz NOT NULL,
    revoked_at    timestamptz,
    entrusted_key bytea,
    added_at      timestamptz NOT NULL,
    PRIMARY KEY (party, fingerprint)
);
COMMENT ON TABLE signing_certificate IS 'Pinned X.509 certificates that issuers sign with (R5)';
COMMENT ON COLUMN signing_certificate.entrusted_key IS 'The private key an issuer entrusted (R12), sealed under the master key';

CREATE TABLE instruction (
    issuer   text COLLATE "C" NOT NULL,
    document text COLLATE "C" NOT NULL,
    version  bigint      NOT NULL,
    content  text        NOT NULL,
    taken_at timestamptz NOT NULL,
    PRIMARY KEY (issuer, document)
);
COMMENT ON TABLE instruction IS 'Standing instructions of issuers (R31); which one holds is worked out from their content';
COMMENT ON COLUMN instruction.document IS 'Digest of the signed document behind it';

CREATE TABLE procurement_case (
    id         text COLLATE "C" PRIMARY KEY,
    version    bigint      NOT NULL CHECK (version > 0),
    state      text        NOT NULL,
    due_at     timestamptz,
    changed_at timestamptz NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
COMMENT ON TABLE procurement_case IS 'Case files: facts that were learned, and what was done about them';
COMMENT ON COLUMN procurement_case.version IS 'Guards every write: raised by each, also by making the case due';
COMMENT ON COLUMN procurement_case.state IS 'JSON: the whole case file';
COMMENT ON COLUMN procurement_case.due_at IS 'When it must be looked at again without an event';
CREATE INDEX procurement_case_due ON procurement_case (due_at, id) WHERE due_at IS NOT NULL;

CREATE TABLE case_wait (
    procurement text COLLATE "C" NOT NULL,
    waits_for   text COLLATE "C" NOT NULL,
    PRIMARY KEY (procurement, waits_for)
);
COMMENT ON TABLE case_wait IS 'What a case waits for, e.g. certificate:C-77: a change of that makes it due';
CREATE INDEX case_wait_for ON case_wait (waits_for);

CREATE TABLE event (
    id           uuid PRIMARY KEY,
    source       text        NOT NULL,
    event_id     text        NOT NULL,
    kind         text        NOT NULL,
    subject      text COLLATE "C",
    happened_at  timestamptz NOT NULL,
    digest       text        NOT NULL,
    state        text        NOT NULL
        CHECK (state IN ('applied', 'overtaken', 'nothing', 'waiting', 'set_aside', 'resubmitted')),
    rejection    text,
    waits_for    text COLLATE "C",
    body         bytea       NOT NULL,
    sealed       boolean     NOT NULL,
    content_type text,
    received_at  timestamptz NOT NULL,
    changed_at   timestamptz NOT NULL
);
COMMENT ON TABLE event IS 'The inbox: every event that ever came, and what became of it (R35)';
COMMENT ON COLUMN event.id IS 'Made from source and event id: the same event twice is one row';
COMMENT ON COLUMN event.digest IS 'SHA-256 of the content: tells a duplicate from a conflict';
COMMENT ON COLUMN event.rejection IS 'JSON: why it was set aside';
COMMENT ON COLUMN event.body IS 'The event, or the original bytes of what could not be read; sealed under the master key where sealed is true';
CREATE INDEX event_newest ON event (received_at, id);
CREATE INDEX event_of_case ON event (subject, received_at) WHERE subject IS NOT NULL;
CREATE INDEX event_state ON event (state);
CREATE INDEX event_waits ON event (waits_for) WHERE waits_for IS NOT NULL;

CREATE TABLE document (
    digest    text COLLATE "C" PRIMARY KEY,
    issuer    text COLLATE "C" NOT NULL,
    number    text COLLATE "C",
    kind      text        NOT NULL,
    signed_at timestamptz NOT NULL,
    signer    text        NOT NULL,
    sealed    bytea       NOT NULL,
    taken_at  timestamptz NOT NULL
);
COMMENT ON TABLE document IS 'Documents issuers signed, as they came (R5), sealed under the master key';
COMMENT ON COLUMN document.number IS 'The bond it is about, if it is about one';
ALTER TABLE document ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE bond (
    issuer      text COLLATE "C" NOT NULL,
    number      text COLLATE "C" NOT NULL,
    procurement text COLLATE "C" NOT NULL,
    principal   text COLLATE "C" NOT NULL,
    obligee     text COLLATE "C" NOT NULL,
    version     bigint      NOT NULL CHECK (version > 0),
    state       text        NOT NULL
        CHECK (state IN ('reserved', 'in_force', 'frozen', 'released', 'expired', 'claimed', 'converted')),
    terms       text        NOT NULL,
    cause       text        NOT NULL,
    changed_at  timestamptz NOT NULL,
    PRIMARY KEY (issuer, number)
) WITH (fillfactor = 80);
COMMENT ON TABLE bond IS 'Bonds as they are now (R3)';
COMMENT ON COLUMN bond.procurement IS 'Its case, for good: a write from another case is a conflict';
COMMENT ON COLUMN bond.terms IS 'JSON: the content of this version';
COMMENT ON COLUMN bond.cause IS 'JSON: the rule and the fact behind its state';
CREATE INDEX bond_of_case ON bond (procurement);
CREATE INDEX bond_of_principal ON bond (principal);

CREATE TABLE bond_version (
    issuer     text COLLATE "C" NOT NULL,
    number     text COLLATE "C" NOT NULL,
    version    bigint      NOT NULL CHECK (version > 0),
    terms      text        NOT NULL,
    cause      text        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (issuer, number, version)
);
COMMENT ON TABLE bond_version IS 'Every version of every bond; never changed (R4)';

CREATE TABLE bond_key (
    kid          text COLLATE "C" PRIMARY KEY,
    issuer       text COLLATE "C" NOT NULL,
    number       text COLLATE "C" NOT NULL,
    version      bigint      NOT NULL,
    edition      bigint      NOT NULL,
    holder       text COLLATE "C" NOT NULL,
    role         text        NOT NULL CHECK (role IN ('issuer', 'contractor', 'owner')),
    digest       bytea       NOT NULL,
    statement    bytea       NOT NULL,
    issued_at    timestamptz NOT NULL,
    ended_at     timestamptz,
    ended_reason text,
    CHECK ((ended_at IS NULL) = (ended_reason IS NULL))
) WITH (fillfactor = 80);
COMMENT ON TABLE bond_key IS 'Authentication keys without their secrets (R13)';
COMMENT ON COLUMN bond_key.edition IS 'Counts issues and ends of keys of the bond: ending names an edition, and all up to it are dead (R11)';
COMMENT ON COLUMN bond_key.digest IS 'HMAC-SHA-256 of kid and secret';
COMMENT ON COLUMN bond_key.statement IS 'The signed statement (CMS), without the secret';
COMMENT ON COLUMN bond_key.ended_at IS 'Since when it is dead; none while it works';
-- Not partial on ended_at: so that ending a key stays an update within its page.
CREATE INDEX bond_key_of_bond ON bond_key (issuer, number, edition);

CREATE TABLE task (
    procurement text COLLATE "C" NOT NULL,
    task        text COLLATE "C" NOT NULL,
    content     text        NOT NULL,
    opened_at   timestamptz NOT NULL,
    closed_at   timestamptz,
    PRIMARY KEY (procurement, task)
) WITH (fillfactor = 80);
COMMENT ON TABLE task IS 'What people must do; the same need in a case is one task';
COMMENT ON COLUMN task.task IS 'Kind and subject, e.g. bond_missing|contract:K-1';
CREATE INDEX task_open ON task (opened_at) WHERE closed_at IS NULL;

CREATE TABLE movement (
    id         uuid PRIMARY KEY,
    issuer     text COLLATE "C" NOT NULL,
    number     text COLLATE "C" NOT NULL,
    principal  text COLLATE "C" NOT NULL,
    obligee    text COLLATE "C" NOT NULL,
    effective  date        NOT NULL,
    delta      bigint      NOT NULL,
    currency   text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE movement IS 'The ledger of outstanding liability (R40); corrected only by further movements';
COMMENT ON COLUMN movement.delta IS 'Minor units of the currency, positive or negative';
CREATE INDEX movement_of_bond ON movement (issuer, number);

CREATE TABLE outbox (
    id             uuid PRIMARY KEY,
    channel        text        NOT NULL CHECK (channel IN ('mail', 'event')),
    procurement    text COLLATE "C" NOT NULL,
    name           text        NOT NULL,
    recipient      text COLLATE "C",
    envelope_to    text        NOT NULL,
    message_id     text        NOT NULL,
    body           bytea       NOT NULL,
    carries_issuer text COLLATE "C",
    carries_number text COLLATE "C",
    carries_role   text,
    carries_edition bigint,
    encrypted_to   text COLLATE "C",
    state          text        NOT NULL
        CHECK (state IN ('ready', 'leased', 'retry', 'sent', 'failed', 'uncertain', 'overtaken')),
    attempts       bigint      NOT NULL,
    due_at         timestamptz NOT NULL,
    lease_token    uuid,
    lease_until    timestamptz,
    calling_at     timestamptz,
    overtaken_at   timestamptz,
    last_reply     text,
    created_at     timestamptz NOT NULL,
    changed_at     timestamptz NOT NULL,
    CHECK ((state = 'leased') = (lease_token IS NOT NULL)),
    CHECK ((lease_token IS NULL) = (lease_until IS NULL)),
    CHECK (calling_at IS NULL OR lease_token IS NOT NULL)
) WITH (
    -- Each row is updated twice soon after it came: marked, then settled. Half a page is for that.
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_analyze_scale_factor = 0.02,
    autovacuum_vacuum_cost_delay = 0
);
COMMENT ON TABLE outbox IS 'What must leave the hub, and how far it got';
COMMENT ON COLUMN outbox.envelope_to IS 'JSON: the envelope recipients of a mail';
COMMENT ON COLUMN outbox.body IS 'The finished mail (encrypted), or the events as a JSON array';
COMMENT ON COLUMN outbox.carries_edition IS 'The key a mail carries: its bond, role and edition';
COMMENT ON COLUMN outbox.encrypted_to IS 'Fingerprint of the recipient''s certificate';
COMMENT ON COLUMN outbox.lease_token IS 'Fences: whoever comes with another token changes nothing';
COMMENT ON COLUMN outbox.calling_at IS 'Set before the first byte is sent: if the sender is lost afterwards, nobody knows the mail''s fate';
COMMENT ON COLUMN outbox.overtaken_at IS 'A later fact made it pointless; it is not sent again, however it is settled';
ALTER TABLE outbox ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX outbox_due ON outbox (channel, due_at, id) WHERE state IN ('ready', 'retry');
CREATE INDEX outbox_leased ON outbox (lease_until) WHERE state = 'leased';
CREATE INDEX outbox_carries ON outbox (carries_issuer, carries_number)
    WHERE state NOT IN ('sent', 'overtaken') AND carries_issuer IS NOT NULL;
CREATE INDEX outbox_newest ON outbox (created_at, id);
CREATE INDEX outbox_of_case ON outbox (procurement);

-- History that nobody rewrites, the program included.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON document FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON bond_version FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON movement FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- lz4 compresses case files faster; a server built without it keeps its default.
DO $$
BEGIN
    ALTER TABLE procurement_case ALTER COLUMN state SET COMPRESSION lz4;
    ALTER TABLE event ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
