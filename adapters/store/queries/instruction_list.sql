-- All standing instructions.
SELECT issuer   AS "issuer!",
       document AS "document!",
       content  AS "content!"
FROM instruction
ORDER BY issuer, version, document
