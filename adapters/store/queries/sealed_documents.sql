-- Documents from before there were data keys that are not sealed under the master key that $1 names;
-- $2 begins those that lie under a data key.
SELECT digest AS "digest!", sealed AS "bytes!"
FROM document
WHERE substr(sealed, 1, 1) <> $2 AND substr(sealed, 1, 9) <> $1 AND digest > $3
ORDER BY digest
LIMIT $4
