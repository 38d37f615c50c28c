-- The first row of a list with this number.
SELECT min(line) AS "line?: i64" FROM paper_row WHERE list = $1 AND number = $2
