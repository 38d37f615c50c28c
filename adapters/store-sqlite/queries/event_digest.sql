-- Whether an event was taken, and the digest of its content.
SELECT digest AS "digest!"
FROM event
WHERE id = $1
