-- Takes one try of an enrolment that has one left and has not ended.
UPDATE enrolment
SET tries_left = tries_left - 1
WHERE party = $1 AND tries_left > 0 AND ends_at >= $2
RETURNING party        AS "party!",
          fingerprint  AS "fingerprint!",
          bytes        AS "bytes!",
          usable_until AS "usable_until?: Instant",
          modern       AS "modern!: bool",
          code         AS "code!",
          tries_left   AS "tries_left!",
          begun_at     AS "begun_at!: Instant",
          ends_at      AS "ends_at!: Instant"
