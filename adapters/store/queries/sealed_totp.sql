-- Secrets of one-time passwords that are not sealed under the master key that $1 names.
SELECT name AS "one!", '' AS "other!: String", totp AS "bytes!"
FROM account
WHERE totp IS NOT NULL AND substr(totp, 1, 9) <> $1 AND name > $2
ORDER BY name
LIMIT $3
