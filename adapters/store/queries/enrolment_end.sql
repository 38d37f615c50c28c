-- Ends this very enrolment.
DELETE FROM enrolment
WHERE party = $1 AND fingerprint = $2 AND code = $3
