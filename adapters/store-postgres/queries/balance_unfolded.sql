-- Movements that the sums at ends of months before day $3 do not contain yet, by the day they are effective from.
SELECT CASE $1::text WHEN 'issuer' THEN issuer WHEN 'owner' THEN obligee WHEN 'total' THEN ''
               ELSE coalesce($2::text, holder) END   AS "of!: String",
       effective                                     AS "day!: NaiveDate",
       CAST(sum(delta) AS bigint)                    AS "amount!: i64",
       currency                                      AS "currency!",
       CAST(sum(CASE WHEN $1::text = 'contractor' AND coalesce($2::text, holder) = holder
                     THEN held ELSE bonds END) AS bigint) AS "bonds!: i64"
FROM movement_new
JOIN movement ON movement.id = movement_new.movement
WHERE effective < $3
  AND ($2::text IS NULL OR $1::text = 'total'
       OR ($1::text = 'issuer' AND issuer = $2) OR ($1::text = 'owner' AND obligee = $2)
       OR ($1::text = 'contractor' AND (holder = $2 OR (principal = $2 AND holder <> principal))))
GROUP BY 1, effective, currency
