-- One key of the signing queue by its public name.
SELECT kid          AS "kid!",
       procurement  AS "procurement!",
       issuer       AS "issuer!",
       number       AS "number!",
       version      AS "version!",
       edition      AS "edition!",
       role         AS "role!",
       holder       AS "holder!",
       digest       AS "digest!",
       statement    AS "statement!",
       sealed       AS "sealed?",
       signature    AS "signature?",
       state        AS "state!",
       requested_at AS "requested_at!: Instant"
FROM signing_request
WHERE kid = $1
