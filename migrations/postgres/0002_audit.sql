-- The audit log (R70). Its twin is ../sqlite/0002_audit.sql: same tables, same columns, same meaning.
--
-- One chain for the installation: the hash of an entry is SHA-256(hash of the entry before || entry).
-- Entries are appended by audit_append alone, which the run role may call but not bypass.

-- Where the chain ends.
CREATE TABLE audit_head (
    one      integer PRIMARY KEY CHECK (one = 1),
    sequence bigint  NOT NULL,
    hash     bytea   NOT NULL CHECK (length(hash) = 32)
) WITH (fillfactor = 10);
COMMENT ON TABLE audit_head IS 'The end of the audit chain; one row';
INSERT INTO audit_head (one, sequence, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));

CREATE TABLE audit_entry (
    sequence bigint      PRIMARY KEY,
    at       timestamptz NOT NULL,
    subject  text COLLATE "C" NOT NULL,
    entry    text        NOT NULL,
    hash     bytea       NOT NULL
);
COMMENT ON TABLE audit_entry IS 'Who did what, when and why; append-only';
COMMENT ON COLUMN audit_entry.entry IS 'Canonical JSON (RFC 8785), text and not jsonb: its bytes are hashed';
COMMENT ON COLUMN audit_entry.hash IS 'SHA-256(hash of the entry before || entry)';
CREATE INDEX audit_entry_of ON audit_entry (subject, sequence);
-- Entries come in the order of time but for the length of a commit: a block range index is enough.
CREATE INDEX audit_entry_at ON audit_entry USING brin (at) WITH (pages_per_range = 16);

CREATE TABLE audit_detail (
    sequence bigint PRIMARY KEY,
    salt     bytea  NOT NULL,
    content  text   NOT NULL
);
COMMENT ON TABLE audit_detail IS 'What is kept beside an entry; the entry holds SHA-256(salt || content). May be purged (R72), never changed';

CREATE TABLE audit_signed_head (
    day       date        PRIMARY KEY,
    sequence  bigint      NOT NULL,
    hash      bytea       NOT NULL CHECK (length(hash) = 32),
    at        timestamptz NOT NULL,
    signature text        NOT NULL
);
COMMENT ON TABLE audit_signed_head IS 'Heads the hub signed (OpenPGP, detached), one a day';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_signed_head FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit_signed_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER unchanged BEFORE UPDATE ON audit_detail FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_one BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Appends entries and returns the last number. It locks the head, so that it belongs at the end of a
-- transaction; in one call, so that it costs one round trip. An entry comes as what stands before and
-- after its members `private` and `sequence`; the salt is drawn here, since it is neither id nor time
-- and is known only together with the place.
CREATE FUNCTION audit_append(befores text[], afters text[], details text[], times timestamptz[], subjects text[])
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    last    bigint;
    first   bigint;
    link    bytea;
    added   record;
    whole   text;
    wholes  text[] := '{}';
    links   bytea[] := '{}';
    salts   bytea[];
    digests text[];
BEGIN
    -- Whatever does not depend on the head comes before its lock.
    SELECT array_agg(salt ORDER BY place),
           array_agg('"private":"' || encode(sha256(salt || convert_to(detail, 'UTF8')), 'hex') || '",' ORDER BY place)
    INTO salts, digests
    FROM (
        SELECT place, detail,
               CASE WHEN detail IS NOT NULL THEN uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) END AS salt
        FROM unnest(details) WITH ORDINALITY AS given (detail, place)
    ) AS salted;
    SELECT sequence, hash INTO STRICT first, link FROM audit_head FOR UPDATE;
    last := first;
    FOR added IN
        SELECT prefix || coalesce(digest, '') || '"sequence":' AS prefix, suffix
        FROM unnest(befores, digests, afters) WITH ORDINALITY AS given (prefix, digest, suffix, place)
        ORDER BY place
    LOOP
        last := last + 1;
        whole := added.prefix || last || added.suffix;
        link := sha256(link || convert_to(whole, 'UTF8'));
        wholes := wholes || whole;
        links := links || link;
    END LOOP;
    INSERT INTO audit_entry (sequence, at, subject, entry, hash)
    SELECT first + place, happened, about, entry, hash
    FROM unnest(times, subjects, wholes, links) WITH ORDINALITY AS given (happened, about, entry, hash, place);
    INSERT INTO audit_detail (sequence, salt, content)
    SELECT first + place, salt, detail
    FROM unnest(salts, details) WITH ORDINALITY AS given (salt, detail, place)
    WHERE detail IS NOT NULL;
    UPDATE audit_head SET sequence = last, hash = link;
    RETURN last;
END
$$;
REVOKE ALL ON FUNCTION audit_append(text[], text[], text[], timestamptz[], text[]) FROM PUBLIC;
