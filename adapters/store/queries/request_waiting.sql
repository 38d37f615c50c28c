-- What waits for an issuer's signature, oldest first.
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
WHERE issuer = $1
  AND state = 'waiting'
ORDER BY requested_at, kid
LIMIT $2
