-- What changed after one day up to another, by the day it is effective from: as balance_plain.sql.
WITH part AS (
    SELECT CASE
               WHEN CAST($1 AS text) = 'issuer' THEN issuer
               WHEN CAST($1 AS text) = 'owner' THEN obligee
               WHEN CAST($1 AS text) = 'total' THEN ''
               WHEN CAST($3 AS text) IS NULL THEN holder
               ELSE CAST($3 AS text)
           END AS name,
           currency,
           effective,
           delta,
           CASE
               WHEN CAST($3 AS text) = holder THEN held
               WHEN CAST($3 AS text) IS NULL AND CAST($1 AS text) = 'contractor' THEN held
               ELSE bonds
           END AS bonds
    FROM movement
    WHERE effective > $5
      AND effective <= $6
      AND (CAST($7 AS date) IS NULL OR recorded <= $7)
      AND (CAST($2 AS text) IS NULL OR issuer = $2)
      AND (CAST($3 AS text) IS NULL OR holder = $3 OR (principal = $3 AND holder <> principal))
      AND (CAST($4 AS text) IS NULL OR obligee = $4)
)
SELECT name                        AS "of!: String",
       effective                   AS "day!: NaiveDate",
       CAST(sum(delta) AS bigint)  AS "amount!: i64",
       currency                    AS "currency!",
       CAST(sum(bonds) AS bigint)  AS "bonds!: i64"
FROM part
GROUP BY name, currency, effective
ORDER BY name, currency, effective
