-- A key of the signing queue was issued or overtaken: its sealed secret is destroyed.
UPDATE signing_request
SET state = $5, sealed = NULL, changed_at = $6
WHERE issuer = $1
  AND number = $2
  AND role = $3
  AND edition = $4
  AND state IN ('waiting', 'signed')
