-- What is not done is found without looking at what is. Its twin is ../postgres/0015_open_work.sql, which guards a function
-- too that SQLite has not.

-- Rows that have not left: whoever revokes a certificate finds the mails encrypted to it, and what waits is counted.
CREATE INDEX outbox_open ON outbox (recipient, encrypted_to) WHERE state NOT IN ('sent', 'overtaken');
