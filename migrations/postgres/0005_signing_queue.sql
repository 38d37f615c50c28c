-- The signing queue: keys that wait for the signature of an issuer whose token stays at its desk (R12).
-- Its twin is ../sqlite/0005_signing_queue.sql.
CREATE TABLE signing_request (
    kid          text COLLATE "C" PRIMARY KEY,
    procurement  text COLLATE "C" NOT NULL,
    issuer       text COLLATE "C" NOT NULL,
    number       text COLLATE "C" NOT NULL,
    version      bigint      NOT NULL,
    edition      bigint      NOT NULL,
    role         text        NOT NULL CHECK (role IN ('issuer', 'contractor', 'owner')),
    holder       text COLLATE "C" NOT NULL,
    digest       bytea       NOT NULL,
    statement    bytea       NOT NULL,
    sealed       bytea,
    signature    bytea,
    state        text        NOT NULL CHECK (state IN ('waiting', 'signed', 'issued', 'overtaken')),
    requested_at timestamptz NOT NULL,
    changed_at   timestamptz NOT NULL,
    UNIQUE (issuer, number, role, edition),
    CHECK ((state IN ('waiting', 'signed')) = (sealed IS NOT NULL)),
    CHECK (state <> 'signed' OR signature IS NOT NULL)
);
COMMENT ON TABLE signing_request IS 'Keys that wait for the signature of an issuer whose token stays at its desk (R12)';
COMMENT ON COLUMN signing_request.digest IS 'HMAC-SHA-256 of kid and secret, as the key will have it';
COMMENT ON COLUMN signing_request.statement IS 'The exact bytes to be signed; they hold no secret';
COMMENT ON COLUMN signing_request.sealed IS 'The secret, sealed under the master key; gone as soon as the key is issued or overtaken';
COMMENT ON COLUMN signing_request.signature IS 'The issuer''s signature (CMS) once there is one';
CREATE INDEX signing_request_waiting ON signing_request (issuer, requested_at, kid) WHERE state = 'waiting';
CREATE INDEX signing_request_of_case ON signing_request (procurement) WHERE state IN ('waiting', 'signed');
