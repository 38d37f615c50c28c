-- The signing queue: keys that wait for the signature of an issuer whose token stays at its desk (R12).
-- Its twin is ../postgres/0005_signing_queue.sql.
CREATE TABLE signing_request (
    kid          TEXT    PRIMARY KEY,
    procurement  TEXT    NOT NULL,
    issuer       TEXT    NOT NULL,
    number       TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    edition      INTEGER NOT NULL,
    role         TEXT    NOT NULL CHECK (role IN ('issuer', 'contractor', 'owner')),
    holder       TEXT    NOT NULL,
    -- HMAC-SHA-256 of kid and secret, as the key will have it.
    digest       BLOB    NOT NULL,
    -- The exact bytes to be signed; they hold no secret.
    statement    BLOB    NOT NULL,
    -- The secret, sealed under the master key. It is gone as soon as the key is issued or overtaken.
    sealed       BLOB,
    -- The issuer's signature (CMS) once there is one.
    signature    BLOB,
    state        TEXT    NOT NULL CHECK (state IN ('waiting', 'signed', 'issued', 'overtaken')),
    requested_at INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,
    UNIQUE (issuer, number, role, edition),
    CHECK ((state IN ('waiting', 'signed')) = (sealed IS NOT NULL)),
    CHECK (state <> 'signed' OR signature IS NOT NULL)
) STRICT;
CREATE INDEX signing_request_waiting ON signing_request (issuer, requested_at, kid) WHERE state = 'waiting';
CREATE INDEX signing_request_of_case ON signing_request (procurement) WHERE state IN ('waiting', 'signed');
