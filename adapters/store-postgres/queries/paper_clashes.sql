-- What rows of list $1 of issuer $2 clash with: rows noted before, and outstanding bonds that the list does not name.
-- Each row looks for itself (OFFSET 0 keeps it so). What a list holds is in no statistics yet: joined at will, the whole
-- list, or all bonds of the issuer, would be read again for each batch.
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
CROSS JOIN LATERAL (
    SELECT line FROM paper_row WHERE list = $1 AND number = given.number OFFSET 0
) AS earlier
GROUP BY given.line
UNION ALL
SELECT given.line, 'guarantee', min(earlier.line), NULL
FROM given
CROSS JOIN LATERAL (
    SELECT line
    FROM paper_row
    WHERE list = $1 AND guarantee = given.guarantee AND starts <= given.ends AND ends >= given.starts
    OFFSET 0
) AS earlier
GROUP BY given.line
UNION ALL
SELECT given.line, 'bond', NULL, min(alive.number)
FROM given
CROSS JOIN LATERAL (
    SELECT bond.number
    FROM bond
    WHERE bond.issuer = $2 AND bond.guarantee = given.guarantee
      AND bond.state IN ('reserved', 'in_force', 'frozen')
      AND ((bond.terms::jsonb) -> 'period' ->> 'from')::date <= given.ends
      AND bond.ends::date >= given.starts
      AND bond.number <> ALL ($4::text[])
    OFFSET 0
) AS alive
WHERE NOT EXISTS (SELECT 1 FROM paper_row AS named WHERE named.list = $1 AND named.number = alive.number)
GROUP BY given.line
