-- The limits that are exceeded, of one issuer or of all.
SELECT issuer      AS "issuer!",
       contractor  AS "contractor!",
       currency    AS "currency!",
       amount      AS "amount!: i64",
       outstanding AS "outstanding!: i64",
       since       AS "since!: Instant"
FROM limit_exceeded
WHERE CAST($1 AS text) IS NULL OR issuer = $1
ORDER BY issuer, contractor, currency
