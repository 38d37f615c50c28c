-- An owner's bonds, what changed last first: those it was ever given a key to, and those on paper. There is
-- no way to list what it was not handed (R21).
SELECT issuer     AS "issuer!",
       number     AS "number!",
       version    AS "version!",
       state      AS "state!",
       terms      AS "terms!",
       cause      AS "cause!",
       changed_at AS "changed_at!: Instant"
FROM bond
WHERE obligee = $1
  AND (changed_at, issuer, number) < ($2, $3, $4)
  AND (EXISTS (SELECT 1 FROM bond_key
               WHERE bond_key.issuer = bond.issuer AND bond_key.number = bond.number
                 AND bond_key.role = 'owner' AND bond_key.holder = $1)
       OR terms LIKE '%"medium":"paper"%')
  AND (CAST($5 AS text) IS NULL OR state = $5)
  AND (CAST($6 AS text) IS NULL OR procurement = $6)
  AND (CAST($7 AS text) IS NULL OR kind = $7)
ORDER BY changed_at DESC, issuer DESC, number DESC
LIMIT $8
