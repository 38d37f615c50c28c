-- What is not done is found without looking at what is. Its twin is ../sqlite/0015_open_work.sql.

-- Rows that have not left: whoever revokes a certificate finds the mails encrypted to it, and what waits is counted.
CREATE INDEX outbox_open ON outbox (recipient, encrypted_to) WHERE state NOT IN ('sent', 'overtaken');

-- audit_append runs with its owner's rights. Unless told otherwise, PostgreSQL looks for tables among the temporary ones
-- of the session first, where whoever calls it could put another audit_head. So they come last.
DO $$
BEGIN
    EXECUTE (
        SELECT format('ALTER FUNCTION %s SET search_path = %I, pg_temp', pg_proc.oid::regprocedure, nspname)
        FROM pg_proc
        JOIN pg_namespace ON pg_namespace.oid = pronamespace
        WHERE pg_proc.oid = 'audit_append(text[], text[], text[], timestamptz[], text[])'::regprocedure
    );
END
$$;
