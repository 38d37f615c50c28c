-- Adds a party, or replaces it.
INSERT INTO party (code, content, changed_at)
VALUES ($1, $2, $3)
ON CONFLICT (code) DO UPDATE
SET content = excluded.content, changed_at = excluded.changed_at
