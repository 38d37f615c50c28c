-- One copy.
SELECT id       AS "id!",
       issuer   AS "issuer!",
       number   AS "number!",
       version  AS "version!",
       document AS "document!",
       holder   AS "holder!",
       role     AS "role!",
       sha256   AS "sha256!",
       made_at  AS "made_at!: Instant"
FROM copy
WHERE id = $1
