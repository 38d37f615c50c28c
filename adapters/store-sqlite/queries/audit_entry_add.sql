-- Appends an entry of the audit log.
INSERT INTO audit_entry (sequence, at, subject, entry, hash)
VALUES ($1, $2, $3, $4, $5)
