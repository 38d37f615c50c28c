-- Notes a use; the counter must rise, unless the authenticator has none.
UPDATE passkey
SET counter = $2, last_used_at = $3
WHERE id = $1 AND (counter < $2 OR (counter = 0 AND $2 = 0))
