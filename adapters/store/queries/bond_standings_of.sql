-- As bond_standings.sql, of a contractor or owner: its movements first, which lie scattered over the order of the page. Walking through
-- all bonds in that order for the few that are its own took seconds.
WITH part AS MATERIALIZED (
    SELECT issuer, number, principal, obligee, currency, delta
    FROM movement
    WHERE effective <= $4
      AND (CAST($5 AS date) IS NULL OR recorded <= $5)
      AND (CAST($1 AS text) IS NULL OR issuer = $1)
      AND (CAST($2 AS text) IS NULL OR holder = $2 OR (principal = $2 AND holder <> principal))
      AND (CAST($3 AS text) IS NULL OR obligee = $3)
      AND (CAST($6 AS text) IS NULL OR (issuer, number) > ($6, CAST($7 AS text)))
),
standing AS (
    SELECT issuer, number, principal, obligee, currency, sum(delta) AS amount
    FROM part
    WHERE NOT EXISTS (
        SELECT 1
        FROM bond
        WHERE bond.issuer = part.issuer AND bond.number = part.number
          AND bond.sealed_until > $10
          AND (CAST($11 AS text) IS NULL OR bond.issuer <> $11)
    )
    GROUP BY issuer, number, principal, obligee, currency
    HAVING sum(delta) <> 0
    ORDER BY issuer, number, principal, obligee, currency
    LIMIT $8
)
SELECT standing.issuer                 AS "issuer!",
       standing.number                 AS "number!",
       standing.principal              AS "principal!",
       standing.obligee                AS "obligee!",
       CAST(standing.amount AS bigint) AS "amount!: i64",
       standing.currency               AS "currency!",
       bond.state                      AS "state?",
       coalesce(bond_version.terms, bond.terms) AS "terms?: String"
FROM standing
LEFT JOIN bond ON bond.issuer = standing.issuer AND bond.number = standing.number
LEFT JOIN bond_version ON bond_version.issuer = standing.issuer
    AND bond_version.number = standing.number
    AND bond_version.version = (
        SELECT coalesce(max(CASE WHEN made.created_at < $9 THEN made.version END), min(made.version))
        FROM bond_version AS made
        WHERE made.issuer = standing.issuer AND made.number = standing.number
    )
ORDER BY standing.issuer, standing.number, standing.principal, standing.obligee, standing.currency
