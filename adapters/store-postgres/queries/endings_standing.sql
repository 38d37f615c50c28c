-- What of a figure belongs to bonds that end before its day $5 ($6 in letters) by what they say now, by their last day: as
-- expiries_standing.sql, for a day not before today's. A frozen bond does not end by its date. Without bonds under
-- embargo after $7, but those of issuer $8. $1 is what to add up by; issuer $2, contractor $3, owner $4.
WITH part AS (
    SELECT issuer, number, principal, holder, obligee, currency, amount, bonds, held
    FROM bond_standing
    WHERE (CAST($2 AS text) IS NULL OR issuer = $2)
      AND (CAST($3 AS text) IS NULL OR holder = $3 OR (principal = $3 AND holder <> principal))
      AND (CAST($4 AS text) IS NULL OR obligee = $4)
    UNION ALL
    SELECT issuer, number, principal, holder, obligee, currency, delta, bonds, held
    FROM movement_new
    JOIN movement ON movement.id = movement_new.movement
    WHERE (CAST($2 AS text) IS NULL OR issuer = $2)
      AND (CAST($3 AS text) IS NULL OR holder = $3 OR (principal = $3 AND holder <> principal))
      AND (CAST($4 AS text) IS NULL OR obligee = $4)
    UNION ALL
    SELECT issuer, number, principal, holder, obligee, currency, -delta, -bonds, -held
    FROM movement
    WHERE effective > $5
      AND (CAST($2 AS text) IS NULL OR issuer = $2)
      AND (CAST($3 AS text) IS NULL OR holder = $3 OR (principal = $3 AND holder <> principal))
      AND (CAST($4 AS text) IS NULL OR obligee = $4)
)
SELECT CASE $1::text WHEN 'issuer' THEN part.issuer WHEN 'owner' THEN obligee WHEN 'total' THEN ''
               ELSE coalesce($3::text, holder) END   AS "of!: String",
       ends                                          AS "last_day!: String",
       CAST(sum(amount) AS bigint)                   AS "amount!: i64",
       currency                                      AS "currency!",
       CAST(sum(CASE WHEN $3::text = holder THEN held
                     WHEN $3::text IS NULL AND $1::text = 'contractor' THEN held
                     ELSE bonds END) AS bigint)      AS "bonds!: i64"
FROM part
JOIN (SELECT issuer, number, ends
      FROM bond
      WHERE state IN ('reserved', 'in_force')
        AND ends < $6
        AND (sealed_until IS NULL OR $7::timestamptz IS NULL OR sealed_until <= $7 OR issuer = $8)) AS ending
    ON ending.issuer = part.issuer AND ending.number = part.number
GROUP BY 1, ends, currency
HAVING sum(amount) <> 0 OR sum(bonds) <> 0
ORDER BY ends, 1, currency
