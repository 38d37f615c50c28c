-- Looks, newest first; a NULL filter lets everything through.
SELECT id          AS "id!: Uuid",
       looked_at   AS "looked_at!: Instant",
       kid         AS "kid!",
       issuer      AS "issuer!",
       number      AS "number!",
       version     AS "version!",
       holder      AS "holder!",
       role        AS "role!",
       account     AS "account?",
       address     AS "address?",
       shown       AS "shown!",
       round       AS "round!",
       opening_at  AS "opening_at?: Instant",
       early_grant AS "early_grant?: Uuid"
FROM look
WHERE (CAST($1 AS text) IS NULL OR issuer = $1)
  AND (CAST($2 AS text) IS NULL OR number = $2)
  AND (CAST($3 AS text) IS NULL OR kid = $3)
  AND (early_grant = $4 OR $4 IS NULL)
ORDER BY looked_at DESC, id DESC
LIMIT $5
