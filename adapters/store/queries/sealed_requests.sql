-- Secrets of keys that wait for a signature that are not sealed under the master key that $1 names.
SELECT kid AS "one!", '' AS "other!: String", sealed AS "bytes!"
FROM signing_request
WHERE sealed IS NOT NULL AND substr(sealed, 1, 9) <> $1 AND kid > $2
ORDER BY kid
LIMIT $3
