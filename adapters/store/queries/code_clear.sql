-- Throws the account's codes of a kind away.
DELETE FROM account_code
WHERE account = $1 AND kind = $2
