-- What of a figure belongs to bonds that end before its day $5 ($6 in letters) by what they say now, by their last day. A frozen
-- bond does not end by its date. Without bonds under embargo after $7, but those of issuer $8. Added up as in balance_plain.sql: $1, within issuer $2, contractor $3, owner $4.
WITH ending AS (
    SELECT issuer, number, ends
    FROM bond
    WHERE state IN ('reserved', 'in_force')
      AND ends < $6
      AND (sealed_until IS NULL OR $7 IS NULL OR sealed_until <= $7 OR issuer = $8)
),
part AS (
    SELECT CASE
               WHEN CAST($1 AS text) = 'issuer' THEN movement.issuer
               WHEN CAST($1 AS text) = 'owner' THEN obligee
               WHEN CAST($1 AS text) = 'total' THEN ''
               WHEN CAST($3 AS text) IS NULL THEN holder
               ELSE CAST($3 AS text)
           END AS name,
           currency,
           ending.ends AS ends,
           delta,
           CASE
               WHEN CAST($3 AS text) = holder THEN held
               WHEN CAST($3 AS text) IS NULL AND CAST($1 AS text) = 'contractor' THEN held
               ELSE bonds
           END AS bonds
    FROM ending
    JOIN movement ON movement.issuer = ending.issuer AND movement.number = ending.number
    WHERE effective <= $5
      AND (CAST($2 AS text) IS NULL OR movement.issuer = $2)
      AND (CAST($3 AS text) IS NULL OR holder = $3 OR (principal = $3 AND holder <> principal))
      AND (CAST($4 AS text) IS NULL OR obligee = $4)
)
SELECT name                        AS "of!: String",
       ends                        AS "day!: NaiveDate",
       CAST(sum(delta) AS bigint)  AS "amount!: i64",
       currency                    AS "currency!",
       CAST(sum(bonds) AS bigint)  AS "bonds!: i64"
FROM part
GROUP BY name, ends, currency
HAVING sum(delta) <> 0 OR sum(bonds) <> 0
ORDER BY ends, name, currency
