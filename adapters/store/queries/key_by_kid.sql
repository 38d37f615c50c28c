-- One key by its public name.
SELECT kid          AS "kid!",
       issuer       AS "issuer!",
       number       AS "number!",
       version      AS "version!",
       edition      AS "edition!",
       holder       AS "holder!",
       role         AS "role!",
       digest       AS "digest!",
       statement    AS "statement!",
       issued_at    AS "issued_at!: Instant",
       ended_at     AS "ended_at?: Instant",
       ended_reason AS "ended_reason?"
FROM bond_key
WHERE kid = $1
