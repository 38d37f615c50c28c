-- Of what stands, what is over by a day to come, $5, if $9 is true, and what is left on it if it is false: by the last days that are noted
-- beside it; that of a frozen bond is never, since it does not end by its date. What is over is told at the first of the days $6, which are in
-- order and end with $5, after its last day. Without bonds under embargo after $7, but those of issuer $8. $1 is what to add up by; issuer $2,
-- contractor $3, owner $4. standing_moved.sql tells what has changed since.
SELECT CASE $1::text WHEN 'issuer' THEN issuer WHEN 'owner' THEN obligee WHEN 'total' THEN ''
               ELSE coalesce($3::text, holder) END  AS "of!: String",
       CASE WHEN $9 AND cardinality($6::date[]) > 1 THEN ($6::date[])[width_bucket(last_day, $6::date[]) + 1]
            ELSE $5 END                             AS "day!: NaiveDate",
       CAST(sum(amount) AS bigint)                  AS "amount!: i64",
       currency                                     AS "currency!",
       CAST(sum(CASE WHEN $3::text = holder THEN held
                     WHEN $3::text IS NULL AND $1::text = 'contractor' THEN held
                     ELSE bonds END) AS bigint)     AS "bonds!: i64"
FROM bond_standing
WHERE (($9 AND last_day < $5) OR (NOT $9 AND last_day >= $5))
  AND (sealed_until IS NULL OR $7::timestamptz IS NULL OR sealed_until <= $7 OR issuer = $8)
  AND ($2::text IS NULL OR issuer = $2)
  AND ($3::text IS NULL OR holder = $3 OR (principal = $3 AND holder <> principal))
  AND ($4::text IS NULL OR obligee = $4)
GROUP BY 1, 2, currency
