-- All signing certificates, by party and time of pinning.
SELECT party         AS "party!",
       fingerprint   AS "fingerprint!",
       der           AS "der!",
       valid_from    AS "valid_from!: Instant",
       valid_until   AS "valid_until!: Instant",
       revoked_at    AS "revoked_at?: Instant",
       entrusted_key AS "entrusted_key?",
       added_at      AS "added_at!: Instant"
FROM signing_certificate
ORDER BY party, added_at, fingerprint
