-- Uses a code up, if it still works.
UPDATE account_code
SET used_at = $4
WHERE account = $1 AND kind = $2 AND digest = $3 AND used_at IS NULL
  AND (expires_at IS NULL OR expires_at > $4)
