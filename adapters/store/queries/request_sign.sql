-- A signature for a key that waits; one that does not wait any more is left as it is.
UPDATE signing_request
SET state = 'signed', signature = $2, changed_at = $3
WHERE kid = $1
  AND state = 'waiting'
