-- The enrolments that wait, by party.
SELECT party        AS "party!",
       fingerprint  AS "fingerprint!",
       bytes        AS "bytes!",
       usable_until AS "usable_until?: Instant",
       modern       AS "modern!: bool",
       code         AS "code!",
       tries_left   AS "tries_left!",
       begun_at     AS "begun_at!: Instant",
       ends_at      AS "ends_at!: Instant"
FROM enrolment
ORDER BY party
