-- Outstanding bonds of an issuer that give this guarantee for some of these days, and that the list does not name. The index
-- is named, lest the order is read off another one, over all bonds of the issuer.
SELECT number AS "number!"
FROM bond INDEXED BY bond_guarantee
WHERE issuer = $2
  AND guarantee = $3
  AND guarantee IS NOT NULL
  AND state IN ('reserved', 'in_force', 'frozen')
  AND json_extract(terms, '$.period.from') <= $5
  AND ends >= $4
  AND NOT EXISTS (SELECT 1 FROM paper_row AS named WHERE named.list = $1 AND named.number = bond.number)
ORDER BY number
