-- Limits that are exceeded. Its twin is ../sqlite/0013_limits_exceeded.sql.

-- Limits that are exceeded, from the moment it was noticed to the moment it is over (R43): the issuer is told once.
CREATE TABLE limit_exceeded (
    issuer      text COLLATE "C" NOT NULL,
    contractor  text COLLATE "C" NOT NULL,
    currency    text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    amount      bigint      NOT NULL,
    outstanding bigint      NOT NULL,
    since       timestamptz NOT NULL,
    PRIMARY KEY (issuer, contractor, currency)
);
COMMENT ON TABLE limit_exceeded IS 'Limits that are exceeded now; amount and outstanding are what was noticed first';
