-- Everything a batch asks for, in one question: cases, events, the cases of bonds, the generation.
SELECT 'case'              AS "what!",
       id                  AS "name!",
       CAST(NULL AS uuid)  AS "event?",
       version             AS "number!",
       state               AS "content!",
       ''                  AS "home!",
       CAST(NULL AS bytea) AS "wrapped?"
FROM procurement_case
WHERE id = ANY($1::text[])
UNION ALL
SELECT 'event', '', id, 0, digest, '', NULL
FROM event
WHERE id = ANY($2::uuid[])
UNION ALL
SELECT 'home', bond.issuer, NULL, 0, bond.number, bond.procurement, NULL
FROM bond
JOIN unnest($3::text[], $4::text[]) AS wanted (issuer, number)
    ON bond.issuer = wanted.issuer AND bond.number = wanted.number
UNION ALL
SELECT 'data_key', data_key.issuer, NULL, 0, data_key.number, '', data_key.wrapped
FROM data_key
JOIN unnest($5::text[], $6::text[]) AS asked (issuer, number)
    ON data_key.issuer = asked.issuer AND data_key.number = asked.number
UNION ALL
SELECT 'book', '', NULL, generation, '', '', NULL
FROM book
