-- Keeps what stands beside an entry.
INSERT INTO audit_detail (sequence, salt, content)
VALUES ($1, $2, $3)
