-- Accounts: who signs in, with what, and since when. Its twin is ../sqlite/0003_accounts.sql.
--
-- Nothing here opens anything by itself: passwords are Argon2id hashes, one-time password secrets are
-- sealed under the master key, codes, session ids and tokens are digests.

CREATE TABLE account (
    name              text COLLATE "C" PRIMARY KEY,
    party             text COLLATE "C",
    content           text        NOT NULL,
    password          text,
    totp              bytea,
    totp_confirmed_at timestamptz,
    totp_last_step    bigint      NOT NULL,
    changed_at        timestamptz NOT NULL
);
COMMENT ON TABLE account IS 'People and programs that sign in (R15, R60)';
COMMENT ON COLUMN account.party IS 'The party it belongs to; none for those who run the hub';
COMMENT ON COLUMN account.content IS 'JSON: roles, language, zone, when it was made and disabled';
COMMENT ON COLUMN account.password IS 'Argon2id, as a PHC string; none while no password was chosen';
COMMENT ON COLUMN account.totp IS 'The secret of its one-time passwords, sealed under the master key';
COMMENT ON COLUMN account.totp_confirmed_at IS 'When its holder showed a first code; unconfirmed, it signs nobody in';
COMMENT ON COLUMN account.totp_last_step IS 'The last time step whose code was taken: no code is taken twice';
CREATE INDEX account_of_party ON account (party) WHERE party IS NOT NULL;

CREATE TABLE account_code (
    account    text COLLATE "C" NOT NULL REFERENCES account (name),
    kind       text COLLATE "C" NOT NULL CHECK (kind IN ('recovery', 'invitation')),
    digest     bytea       NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    used_at    timestamptz,
    PRIMARY KEY (account, kind, digest)
);
COMMENT ON TABLE account_code IS 'Codes that work once: recovery codes, and the invitation that chooses the first password';

CREATE TABLE passkey (
    id           bytea       PRIMARY KEY,
    account      text COLLATE "C" NOT NULL REFERENCES account (name),
    label        text        NOT NULL,
    public_key   bytea       NOT NULL,
    counter      bigint      NOT NULL,
    added_at     timestamptz NOT NULL,
    last_used_at timestamptz
);
COMMENT ON TABLE passkey IS 'Passkeys (WebAuthn credentials); public keys only';
COMMENT ON COLUMN passkey.public_key IS 'The public key as the authenticator wrote it (COSE)';
COMMENT ON COLUMN passkey.counter IS 'The authenticator''s counter; one that goes back tells of a copy';
CREATE INDEX passkey_of_account ON passkey (account);

CREATE TABLE sign_in_session (
    digest       bytea       PRIMARY KEY,
    account      text COLLATE "C" NOT NULL REFERENCES account (name),
    signed_in_by text COLLATE "C" NOT NULL CHECK (signed_in_by IN ('password', 'passkey')),
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    address      text,
    agent        text
);
COMMENT ON TABLE sign_in_session IS 'Who is signed in, by the digest of the session''s id';
COMMENT ON COLUMN sign_in_session.expires_at IS 'The end of the session however busy it is';
COMMENT ON COLUMN sign_in_session.address IS 'Where it was begun, for its holder''s list';
CREATE INDEX sign_in_session_of_account ON sign_in_session (account);
CREATE INDEX sign_in_session_end ON sign_in_session (expires_at);

CREATE TABLE sign_in_challenge (
    id         bytea       PRIMARY KEY,
    account    text COLLATE "C",
    content    text        NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE sign_in_challenge IS 'What a browser was asked to sign, for the minutes it takes; taken once';
COMMENT ON COLUMN sign_in_challenge.content IS 'JSON: what for, and the challenge';
CREATE INDEX sign_in_challenge_end ON sign_in_challenge (expires_at);

CREATE TABLE api_token (
    account      text COLLATE "C" NOT NULL REFERENCES account (name),
    label        text COLLATE "C" NOT NULL,
    digest       bytea       NOT NULL UNIQUE,
    scopes       text        NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    PRIMARY KEY (account, label)
);
COMMENT ON TABLE api_token IS 'Bearer tokens of programs, by digest (R62)';
COMMENT ON COLUMN api_token.scopes IS 'JSON: the permissions it was given';
