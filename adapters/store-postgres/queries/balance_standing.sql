-- What is outstanding at the end of day $5, for questions about several dimensions at once: what stands of every bond, what the
-- standings do not contain yet, and less what takes effect after the day. Without bonds under embargo after $6, but those of issuer $7.
-- $1 is what to add up by; issuer $2, contractor $3, owner $4.
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
SELECT CASE $1::text WHEN 'issuer' THEN issuer WHEN 'owner' THEN obligee WHEN 'total' THEN ''
               ELSE coalesce($3::text, holder) END   AS "of!: String",
       CAST(sum(amount) AS bigint)                   AS "amount!: i64",
       currency                                      AS "currency!",
       CAST(sum(CASE WHEN $3::text = holder THEN held
                     WHEN $3::text IS NULL AND $1::text = 'contractor' THEN held
                     ELSE bonds END) AS bigint)      AS "bonds!: i64"
FROM part
WHERE NOT EXISTS (
    SELECT 1
    FROM bond
    WHERE bond.issuer = part.issuer AND bond.number = part.number
      AND bond.sealed_until > $6
      AND ($7::text IS NULL OR bond.issuer <> $7)
)
GROUP BY 1, currency
HAVING sum(amount) <> 0 OR sum(bonds) <> 0
ORDER BY 1, currency
