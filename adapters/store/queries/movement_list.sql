-- The ledger for export, in the order of ids, after a given one.
SELECT id         AS "id!: Uuid",
       issuer     AS "issuer!",
       number     AS "number!",
       principal  AS "principal!",
       holder     AS "holder!",
       obligee    AS "obligee!",
       effective  AS "effective!: NaiveDate",
       recorded   AS "recorded!: NaiveDate",
       delta      AS "delta!: i64",
       currency   AS "currency!",
       CAST(bonds AS bigint) AS "bonds!: i64",
       CAST(held AS bigint)  AS "held!: i64",
       created_at AS "created_at!: Instant"
FROM movement
WHERE id > $1
ORDER BY id
LIMIT $2
