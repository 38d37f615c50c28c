-- Quicker lists. Its twin is ../postgres/0014_standings.sql, which also keeps what stands of every bond.

-- Mails that need somebody, and mails to one party.
CREATE INDEX outbox_trouble ON outbox (state, created_at, id) WHERE state IN ('retry', 'failed', 'uncertain');
CREATE INDEX outbox_recipient ON outbox (recipient, created_at, id) WHERE recipient IS NOT NULL;
