-- Everything a batch asks for, in one question: cases, events, the cases of bonds, the generation.
SELECT 'case'              AS "what!",
       id                  AS "name!",
       CAST(NULL AS uuid)  AS "event?",
       version             AS "number!",
       state               AS "content!",
       ''                  AS "home!"
FROM procurement_case
WHERE id = ANY($1::text[])
UNION ALL
SELECT 'event', '', id, 0, digest, ''
FROM event
WHERE id = ANY($2::uuid[])
UNION ALL
SELECT 'home', bond.issuer, NULL, 0, bond.number, bond.procurement
FROM bond
JOIN unnest($3::text[], $4::text[]) AS wanted (issuer, number)
    ON bond.issuer = wanted.issuer AND bond.number = wanted.number
UNION ALL
SELECT 'book', '', NULL, generation, '', ''
FROM book
