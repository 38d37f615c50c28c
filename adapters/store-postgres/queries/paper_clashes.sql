-- What rows of list $1 of issuer $2 clash with: rows noted before, and outstanding bonds that the list does not name.
WITH given AS (
    SELECT *
    FROM unnest($3::bigint[], $4::text[], $5::text[], $6::date[], $7::date[])
        AS one (line, number, guarantee, starts, ends)
)
SELECT given.line         AS "line!: i64",
       'number'           AS "what!",
       min(earlier.line)  AS "other?: i64",
       CAST(NULL AS text) AS "bond?"
FROM given
JOIN paper_row AS earlier ON earlier.list = $1 AND earlier.number = given.number
GROUP BY given.line
UNION ALL
SELECT given.line, 'guarantee', min(earlier.line), NULL
FROM given
JOIN paper_row AS earlier ON earlier.list = $1 AND earlier.guarantee = given.guarantee
    AND earlier.starts <= given.ends AND earlier.ends >= given.starts
GROUP BY given.line
UNION ALL
SELECT given.line, 'bond', NULL, min(bond.number)
FROM given
JOIN bond ON bond.issuer = $2 AND bond.guarantee = given.guarantee
    AND bond.state IN ('reserved', 'in_force', 'frozen')
    AND ((bond.terms::jsonb) -> 'period' ->> 'from')::date <= given.ends
    AND bond.ends::date >= given.starts
WHERE bond.number <> ALL ($4::text[])
  AND NOT EXISTS (SELECT 1 FROM paper_row AS named WHERE named.list = $1 AND named.number = bond.number)
GROUP BY given.line
