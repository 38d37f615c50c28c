-- Whether a warning was given.
SELECT count(*) AS "count!: i64"
FROM certificate_warning
WHERE subject = $1 AND days = $2
