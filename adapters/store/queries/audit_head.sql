-- Where the audit chain ends.
SELECT sequence AS "sequence!", hash AS "hash!"
FROM audit_head
