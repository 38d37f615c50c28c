-- Removes what is kept beside entries older than a time (R72); the chain stays.
DELETE FROM audit_detail
WHERE sequence IN (SELECT sequence FROM audit_entry WHERE at < $1)
