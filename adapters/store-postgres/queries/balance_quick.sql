-- What is outstanding at the end of day $5, from sums: what stood at the end of month $3 (whose following month begins
-- on $4), what is new since then, and the movements of the days between: added if the month ends before the day, taken away
-- if after it. One statement, one moment: a movement is either in the sums or in movement_new.
-- $1 is what to add up by, $2 a single name.
WITH part AS (
    SELECT name, currency, amount, bonds
    FROM balance_month
    WHERE month = $3
      AND (kind = $1::text OR (kind = 'venture' AND $1::text = 'contractor' AND $2::text IS NOT NULL))
      AND ($2::text IS NULL OR name = $2)
    UNION ALL
    SELECT CASE $1::text WHEN 'issuer' THEN issuer WHEN 'owner' THEN obligee WHEN 'total' THEN ''
                   ELSE coalesce($2::text, holder) END,
           currency,
           CASE WHEN effective >= $4 THEN delta ELSE -delta END,
           CASE WHEN effective >= $4 THEN 1 ELSE -1 END
               * CASE WHEN $1::text = 'contractor' AND coalesce($2::text, holder) = holder THEN held ELSE bonds END
    FROM movement
    WHERE effective >= least($4, $5::date + 1) AND effective < greatest($4, $5::date + 1)
      AND ($2::text IS NULL OR $1::text = 'total'
           OR ($1::text = 'issuer' AND issuer = $2) OR ($1::text = 'owner' AND obligee = $2)
           OR ($1::text = 'contractor' AND (holder = $2 OR (principal = $2 AND holder <> principal))))
    UNION ALL
    SELECT CASE $1::text WHEN 'issuer' THEN issuer WHEN 'owner' THEN obligee WHEN 'total' THEN ''
                   ELSE coalesce($2::text, holder) END,
           currency, delta,
           CASE WHEN $1::text = 'contractor' AND coalesce($2::text, holder) = holder THEN held ELSE bonds END
    FROM movement_new
    JOIN movement ON movement.id = movement_new.movement
    WHERE effective < $4
      AND ($2::text IS NULL OR $1::text = 'total'
           OR ($1::text = 'issuer' AND issuer = $2) OR ($1::text = 'owner' AND obligee = $2)
           OR ($1::text = 'contractor' AND (holder = $2 OR (principal = $2 AND holder <> principal))))
)
SELECT name                        AS "of!: String",
       CAST(sum(amount) AS bigint) AS "amount!: i64",
       currency                    AS "currency!",
       CAST(sum(bonds) AS bigint)  AS "bonds!: i64"
FROM part
GROUP BY name, currency
HAVING sum(amount) <> 0 OR sum(bonds) <> 0
ORDER BY name, currency
