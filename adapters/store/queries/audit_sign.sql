-- Keeps a signed head; the first of a day stays.
INSERT INTO audit_signed_head (day, sequence, hash, at, signature)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (day) DO NOTHING
