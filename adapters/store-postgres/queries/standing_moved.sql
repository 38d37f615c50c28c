-- What standing_noted.sql does not know yet, asked with the same arguments: bonds that moved since are taken out as they are noted and looked
-- up, and so are movements that the standings do not contain, or that take effect after the day.
WITH moved AS (
    SELECT bond_standing.issuer, bond_standing.number, principal, holder, obligee, currency, amount, bonds, held, last_day, sealed_until
    FROM (SELECT DISTINCT issuer, number FROM bond_moved) AS each
    JOIN bond_standing ON bond_standing.issuer = each.issuer AND bond_standing.number = each.number
),
since AS (
    SELECT issuer, number, principal, holder, obligee, currency, amount, bonds, held
    FROM moved
    UNION ALL
    SELECT issuer, number, principal, holder, obligee, currency, delta, bonds, held
    FROM movement_new
    JOIN movement ON movement.id = movement_new.movement
    UNION ALL
    SELECT issuer, number, principal, holder, obligee, currency, -delta, -bonds, -held
    FROM movement
    WHERE effective > $5
),
part AS (
    SELECT issuer, principal, holder, obligee, currency, -amount AS amount, -bonds AS bonds, -held AS held, last_day, sealed_until
    FROM moved
    UNION ALL
    SELECT since.issuer, since.principal, holder, since.obligee, currency, amount, bonds, held,
           CASE WHEN bond.state IN ('reserved', 'in_force') THEN bond.ends::date ELSE 'infinity' END, bond.sealed_until
    FROM since
    LEFT JOIN bond ON bond.issuer = since.issuer AND bond.number = since.number
)
SELECT CASE $1::text WHEN 'issuer' THEN issuer WHEN 'owner' THEN obligee WHEN 'total' THEN ''
               ELSE coalesce($3::text, holder) END  AS "of!: String",
       CASE WHEN $9 THEN ($6::date[])[width_bucket(last_day, $6::date[]) + 1]
            ELSE $5 END                             AS "day!: NaiveDate",
       CAST(sum(amount) AS bigint)                  AS "amount!: i64",
       currency                                     AS "currency!",
       CAST(sum(CASE WHEN $3::text = holder THEN held
                     WHEN $3::text IS NULL AND $1::text = 'contractor' THEN held
                     ELSE bonds END) AS bigint)     AS "bonds!: i64"
FROM part
WHERE (($9 AND last_day < $5) OR (NOT $9 AND last_day >= $5))
  AND (sealed_until IS NULL OR $7::timestamptz IS NULL OR sealed_until <= $7 OR issuer = $8)
  AND ($2::text IS NULL OR issuer = $2)
  AND ($3::text IS NULL OR holder = $3 OR (principal = $3 AND holder <> principal))
  AND ($4::text IS NULL OR obligee = $4)
GROUP BY 1, 2, currency
