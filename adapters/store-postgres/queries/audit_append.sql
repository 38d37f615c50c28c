-- Appends entries to the audit chain; the function is in the migration 0002.
SELECT audit_append($1, $2, $3, $4, $5) AS "last!"
