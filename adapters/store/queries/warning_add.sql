-- Notes a warning; one that was given is left as it is.
INSERT INTO certificate_warning (subject, days, warned_at)
VALUES ($1, $2, $3)
ON CONFLICT (subject, days) DO NOTHING
