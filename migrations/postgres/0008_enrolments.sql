-- Enrolment of OpenPGP certificates with proof of possession. Its twin is ../sqlite/0008_enrolments.sql.

CREATE TABLE enrolment (
    party        text COLLATE "C" PRIMARY KEY REFERENCES party (code),
    fingerprint  text COLLATE "C" NOT NULL,
    bytes        bytea       NOT NULL,
    usable_until timestamptz,
    modern       boolean     NOT NULL,
    code         bytea       NOT NULL,
    tries_left   bigint      NOT NULL CHECK (tries_left >= 0),
    begun_at     timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL
);
COMMENT ON TABLE enrolment IS 'Certificates that are not used before the code mailed to them has come back (R50)';
COMMENT ON COLUMN enrolment.code IS 'Keyed digest of the code';

CREATE TABLE certificate_warning (
    subject   text COLLATE "C" NOT NULL,
    days      bigint      NOT NULL,
    warned_at timestamptz NOT NULL,
    PRIMARY KEY (subject, days)
);
COMMENT ON TABLE certificate_warning IS 'Which warning before the end of a certificate or list was given: each once';
