-- Begins an enrolment; one of the same party that waited is replaced.
INSERT INTO enrolment
    (party, fingerprint, bytes, usable_until, modern, code, tries_left, begun_at, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (party) DO UPDATE
SET fingerprint = excluded.fingerprint,
    bytes = excluded.bytes,
    usable_until = excluded.usable_until,
    modern = excluded.modern,
    code = excluded.code,
    tries_left = excluded.tries_left,
    begun_at = excluded.begun_at,
    ends_at = excluded.ends_at
