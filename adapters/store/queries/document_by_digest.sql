-- One signed document.
SELECT digest    AS "digest!",
       issuer    AS "issuer!",
       number    AS "number?",
       kind      AS "kind!",
       signed_at AS "signed_at!: Instant",
       signer    AS "signer!",
       revocation     AS "revocation?",
       revocation_why AS "revocation_why?",
       sealed    AS "sealed!"
FROM document
WHERE digest = $1
