-- Seals the secret of a key that waits anew, if it still is what was read.
UPDATE signing_request
SET sealed = $3
WHERE kid = $1 AND sealed = $2
