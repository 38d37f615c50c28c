-- The first row of a list that gives this guarantee for some of these days.
SELECT min(line) AS "line?: i64"
FROM paper_row
WHERE list = $1 AND guarantee = $2 AND starts <= $4 AND ends >= $3
