-- Sealed events that are not sealed under the master key that $1 names.
SELECT id AS "id!: Uuid", body AS "bytes!"
FROM event
WHERE sealed AND substr(body, 1, 9) <> $1 AND id > $2
ORDER BY id
LIMIT $3
