-- The keys of a case that wait for a signature, or were signed and are not issued yet.
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
WHERE procurement = $1
  AND state IN ('waiting', 'signed')
