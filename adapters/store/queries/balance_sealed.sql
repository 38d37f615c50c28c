-- What of a figure belongs to bonds under embargo after $7, but those of issuer $8: at the end of day $5, or up to it by the day it
-- is effective from if $9. Added up as in balance_plain.sql: $1, within issuer $2, contractor $3, owner $4, as known on $6.
WITH part AS (
    SELECT CASE
               WHEN CAST($1 AS text) = 'issuer' THEN issuer
               WHEN CAST($1 AS text) = 'owner' THEN obligee
               WHEN CAST($1 AS text) = 'total' THEN ''
               WHEN CAST($3 AS text) IS NULL THEN holder
               ELSE CAST($3 AS text)
           END AS name,
           currency,
           CASE WHEN CAST($9 AS boolean) THEN effective ELSE $5 END AS day,
           delta,
           CASE
               WHEN CAST($3 AS text) = holder THEN held
               WHEN CAST($3 AS text) IS NULL AND CAST($1 AS text) = 'contractor' THEN held
               ELSE bonds
           END AS bonds
    FROM movement_sealed
    WHERE sealed_until > $7
      AND (CAST($8 AS text) IS NULL OR issuer <> $8)
      AND (CAST($2 AS text) IS NULL OR issuer = $2)
      AND (CAST($4 AS text) IS NULL OR obligee = $4)
      AND (CAST($3 AS text) IS NULL OR holder = $3 OR (principal = $3 AND holder <> principal))
      AND effective <= $5
      AND (CAST($6 AS date) IS NULL OR recorded <= $6)
)
SELECT name                        AS "of!: String",
       day                         AS "day!: NaiveDate",
       CAST(sum(delta) AS bigint)  AS "amount!: i64",
       currency                    AS "currency!",
       CAST(sum(bonds) AS bigint)  AS "bonds!: i64"
FROM part
GROUP BY name, currency, day
ORDER BY name, currency, day
