-- All OpenPGP certificates, by party and time of enrolment.
SELECT party        AS "party!",
       fingerprint  AS "fingerprint!",
       bytes        AS "bytes!",
       usable_until AS "usable_until?: Instant",
       modern       AS "modern!: bool",
       revoked_at   AS "revoked_at?: Instant",
       added_at     AS "added_at!: Instant"
FROM openpgp_certificate
ORDER BY party, added_at, fingerprint
