-- Enrolment of OpenPGP certificates with proof of possession. Its twin is ../postgres/0008_enrolments.sql.

-- Certificates that are not used before the code mailed to them has come back (R50).
CREATE TABLE enrolment (
    party        TEXT    PRIMARY KEY REFERENCES party (code),
    fingerprint  TEXT    NOT NULL,
    bytes        BLOB    NOT NULL,
    usable_until INTEGER,
    modern       INTEGER NOT NULL CHECK (modern IN (0, 1)),
    -- Keyed digest of the code.
    code         BLOB    NOT NULL,
    tries_left   INTEGER NOT NULL CHECK (tries_left >= 0),
    begun_at     INTEGER NOT NULL,
    ends_at      INTEGER NOT NULL
) STRICT;

-- Which warning before the end of a certificate or list was given: each once.
CREATE TABLE certificate_warning (
    subject   TEXT    NOT NULL,
    days      INTEGER NOT NULL,
    warned_at INTEGER NOT NULL,
    PRIMARY KEY (subject, days)
) STRICT;
