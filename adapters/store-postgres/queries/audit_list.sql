-- Entries in order of their numbers, with what is kept beside them; each filter that is NULL lets
-- everything through.
SELECT audit_entry.sequence AS "sequence!",
       audit_entry.entry    AS "entry!",
       audit_entry.hash     AS "hash!",
       audit_detail.salt    AS "salt?",
       audit_detail.content AS "content?"
FROM audit_entry
LEFT JOIN audit_detail ON audit_detail.sequence = audit_entry.sequence
WHERE audit_entry.sequence > $1
  AND (CAST($2 AS text) IS NULL OR audit_entry.subject = $2)
  AND (CAST($3 AS timestamptz) IS NULL OR audit_entry.at >= $3)
  AND (CAST($4 AS timestamptz) IS NULL OR audit_entry.at < $4)
ORDER BY audit_entry.sequence
LIMIT $5
