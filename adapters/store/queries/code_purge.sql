-- Throws away codes that ended.
DELETE FROM account_code
WHERE expires_at <= $1
