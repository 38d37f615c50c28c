-- What corrects the figures of the end of day $3 as known now into those as known on day $4: less what was
-- recorded later; and up to day $5, if that lies after $4, with what was known before it took effect. Both
-- kinds of movements are found by how far apart their two times are: see movement_lag.
WITH part AS (
    SELECT issuer, principal, holder, obligee, currency, -delta AS delta, -bonds AS bonds, -held AS held
    FROM movement
    WHERE effective <= $3::date
      AND recorded > $4::date
      AND ((movement_lag(effective, recorded) = 0 AND effective > $4::date - 8)
           OR (movement_lag(effective, recorded) = 1 AND effective > $4::date - 32)
           OR (movement_lag(effective, recorded) = 2 AND effective > $4::date - 128)
           OR (movement_lag(effective, recorded) = 3 AND effective > $4::date - 512)
           OR movement_lag(effective, recorded) = 4)
    UNION ALL
    SELECT issuer, principal, holder, obligee, currency, delta, bonds, held
    FROM movement
    WHERE effective > $4::date
      AND effective <= $5::date
      AND recorded <= $4::date
      AND ((movement_lag(effective, recorded) = -1 AND effective <= $4::date + 8)
           OR (movement_lag(effective, recorded) = -2 AND effective <= $4::date + 32)
           OR (movement_lag(effective, recorded) = -3 AND effective <= $4::date + 128)
           OR (movement_lag(effective, recorded) = -4 AND effective <= $4::date + 512)
           OR movement_lag(effective, recorded) = -5)
)
SELECT CASE $1::text WHEN 'issuer' THEN issuer WHEN 'owner' THEN obligee WHEN 'total' THEN ''
               ELSE coalesce($2::text, holder) END   AS "of!: String",
       CAST(sum(delta) AS bigint)                    AS "amount!: i64",
       currency                                      AS "currency!",
       CAST(sum(CASE WHEN $1::text = 'contractor' AND coalesce($2::text, holder) = holder
                     THEN held ELSE bonds END) AS bigint) AS "bonds!: i64"
FROM part
WHERE $2::text IS NULL OR $1::text = 'total'
   OR ($1::text = 'issuer' AND issuer = $2) OR ($1::text = 'owner' AND obligee = $2)
   OR ($1::text = 'contractor' AND (holder = $2 OR (principal = $2 AND holder <> principal)))
GROUP BY 1, currency
