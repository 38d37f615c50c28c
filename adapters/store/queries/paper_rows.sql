-- Rows of a list that are to be taken, after a line.
SELECT line      AS "line!: i64",
       number    AS "number!",
       deed      AS "deed!",
       guarantee AS "guarantee?",
       terms     AS "terms!"
FROM paper_row
WHERE list = $1 AND line > $2 AND deed <> 'nothing'
ORDER BY line
LIMIT $3
