-- The first row of a list that gives this guarantee for some of these days. The index is named, lest the first row is looked
-- for from the list's beginning.
SELECT min(line) AS "line?: i64"
FROM paper_row INDEXED BY paper_row_guarantee
WHERE list = $1 AND guarantee = $2 AND guarantee IS NOT NULL AND starts <= $4 AND ends >= $3
