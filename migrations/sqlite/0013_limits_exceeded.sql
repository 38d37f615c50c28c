-- Limits that are exceeded. Its twin is ../postgres/0013_limits_exceeded.sql.

-- Limits that are exceeded, from the moment it was noticed to the moment it is over (R43): the issuer is told once. Amount and
-- outstanding are what was noticed first.
CREATE TABLE limit_exceeded (
    issuer      TEXT    NOT NULL,
    contractor  TEXT    NOT NULL,
    currency    TEXT    NOT NULL CHECK (length(currency) = 3),
    amount      INTEGER NOT NULL,
    outstanding INTEGER NOT NULL,
    since       INTEGER NOT NULL,
    PRIMARY KEY (issuer, contractor, currency)
) STRICT, WITHOUT ROWID;
