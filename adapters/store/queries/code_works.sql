-- Whether a code works; it is not used up.
SELECT count(*) AS "count!"
FROM account_code
WHERE account = $1 AND kind = $2 AND digest = $3 AND used_at IS NULL
  AND (expires_at IS NULL OR expires_at > $4)
