-- A case waits for something.
INSERT INTO case_wait (procurement, waits_for)
VALUES ($1, $2)
ON CONFLICT DO NOTHING
