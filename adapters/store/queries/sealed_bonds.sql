-- Bonds of cases that may be sealed after $4, each with its movements within issuer $1, contractor $2, owner $3; last days by
-- the version made before $5, or the first.
SELECT bond.issuer        AS "issuer!",
       bond.number        AS "number!",
       bond.terms         AS "terms!",
       bond.state         AS "state!",
       coalesce(bond_version.ends, bond.ends) AS "ends!: String",
       movement.id        AS "id!: Uuid",
       movement.principal AS "principal!",
       movement.holder    AS "holder!",
       movement.obligee   AS "obligee!",
       movement.effective AS "effective!: NaiveDate",
       movement.recorded  AS "recorded!: NaiveDate",
       movement.delta     AS "delta!: i64",
       movement.currency  AS "currency!",
       CAST(movement.bonds AS bigint) AS "bonds!: i64",
       CAST(movement.held AS bigint)  AS "held!: i64"
FROM procurement_case
JOIN bond ON bond.procurement = procurement_case.id
JOIN movement ON movement.issuer = bond.issuer AND movement.number = bond.number
LEFT JOIN bond_version ON bond_version.issuer = bond.issuer
    AND bond_version.number = bond.number
    AND bond_version.version = (
        SELECT coalesce(max(CASE WHEN made.created_at < $5 THEN made.version END), min(made.version))
        FROM bond_version AS made
        WHERE made.issuer = bond.issuer AND made.number = bond.number
    )
WHERE procurement_case.sealed_until > $4
  AND (CAST($1 AS text) IS NULL OR movement.issuer = $1)
  AND (CAST($2 AS text) IS NULL OR movement.holder = $2
       OR (movement.principal = $2 AND movement.holder <> movement.principal))
  AND (CAST($3 AS text) IS NULL OR movement.obligee = $3)
ORDER BY bond.issuer, bond.number, movement.effective, movement.id
