-- What stood at the ends of months that sums are kept of.
SELECT name                        AS "of!: String",
       month                       AS "day!: NaiveDate",
       CAST(sum(amount) AS bigint) AS "amount!: i64",
       currency                    AS "currency!",
       CAST(sum(bonds) AS bigint)  AS "bonds!: i64"
FROM balance_month
WHERE (kind = $1::text OR (kind = 'venture' AND $1::text = 'contractor' AND $2::text IS NOT NULL))
  AND ($2::text IS NULL OR name = $2)
  AND month = ANY($3::date[])
GROUP BY name, month, currency
