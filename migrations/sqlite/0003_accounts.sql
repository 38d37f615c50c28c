-- Accounts: who signs in, with what, and since when. Its twin is ../postgres/0003_accounts.sql.
--
-- Nothing here opens anything by itself: passwords are Argon2id hashes, one-time password secrets are
-- sealed under the master key, codes, session ids and tokens are digests.

-- People and programs that sign in (R15, R60).
CREATE TABLE account (
    name              TEXT    PRIMARY KEY,
    -- The party it belongs to; none for those who run the hub.
    party             TEXT,
    -- JSON: roles, language, zone, when it was made and disabled.
    content           TEXT    NOT NULL,
    -- Argon2id, as a PHC string; none while no password was chosen.
    password          TEXT,
    -- The secret of its one-time passwords, sealed under the master key.
    totp              BLOB,
    -- When its holder showed a first code; unconfirmed, it signs nobody in.
    totp_confirmed_at INTEGER,
    -- The last time step whose code was taken: no code is taken twice.
    totp_last_step    INTEGER NOT NULL,
    changed_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX account_of_party ON account (party) WHERE party IS NOT NULL;

-- Codes that work once: recovery codes, and the invitation that chooses the first password.
CREATE TABLE account_code (
    account    TEXT    NOT NULL REFERENCES account (name),
    kind       TEXT    NOT NULL CHECK (kind IN ('recovery', 'invitation')),
    digest     BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at    INTEGER,
    PRIMARY KEY (account, kind, digest)
) STRICT;

-- Passkeys (WebAuthn credentials); public keys only.
CREATE TABLE passkey (
    id           BLOB    PRIMARY KEY,
    account      TEXT    NOT NULL REFERENCES account (name),
    label        TEXT    NOT NULL,
    -- The public key as the authenticator wrote it (COSE).
    public_key   BLOB    NOT NULL,
    -- The authenticator's counter; one that goes back tells of a copy.
    counter      INTEGER NOT NULL,
    added_at     INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;
CREATE INDEX passkey_of_account ON passkey (account);

-- Who is signed in, by the digest of the session's id.
CREATE TABLE sign_in_session (
    digest       BLOB    PRIMARY KEY,
    account      TEXT    NOT NULL REFERENCES account (name),
    signed_in_by TEXT    NOT NULL CHECK (signed_in_by IN ('password', 'passkey')),
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    -- The end of the session however busy it is.
    expires_at   INTEGER NOT NULL,
    -- Where it was begun, for its holder's list.
    address      TEXT,
    agent        TEXT
) STRICT;
CREATE INDEX sign_in_session_of_account ON sign_in_session (account);
CREATE INDEX sign_in_session_end ON sign_in_session (expires_at);

-- What a browser was asked to sign, for the minutes it takes; taken once.
CREATE TABLE sign_in_challenge (
    id         BLOB    PRIMARY KEY,
    account    TEXT,
    -- JSON: what for, and the challenge.
    content    TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_challenge_end ON sign_in_challenge (expires_at);

-- Bearer tokens of programs, by digest (R62).
CREATE TABLE api_token (
    account      TEXT    NOT NULL REFERENCES account (name),
    label        TEXT    NOT NULL,
    digest       BLOB    NOT NULL UNIQUE,
    -- JSON: the permissions it was given.
    scopes       TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER,
    revoked_at   INTEGER,
    PRIMARY KEY (account, label)
) STRICT;
