-- What is outstanding at the end of a day. First each bond by itself, so that bonds that are over are
-- not counted; then added up by what is asked for, never across currencies.
WITH outstanding AS (
    SELECT issuer, number, principal, currency, sum(delta) AS amount
    FROM movement
    WHERE effective <= $2
    GROUP BY issuer, number, principal, currency
    HAVING sum(delta) <> 0
),
named AS (
    SELECT CASE CAST($1 AS text)
               WHEN 'bond' THEN issuer || '/' || number
               WHEN 'contractor' THEN principal
               WHEN 'issuer' THEN issuer
               ELSE ''
           END AS name,
           issuer || '/' || number AS bond,
           currency,
           amount
    FROM outstanding
)
SELECT name                        AS "of!: String",
       CAST(sum(amount) AS bigint) AS "amount!: i64",
       currency                    AS "currency!",
       count(DISTINCT bond)        AS "bonds!: i64"
FROM named
GROUP BY name, currency
HAVING sum(amount) <> 0
ORDER BY name, currency
