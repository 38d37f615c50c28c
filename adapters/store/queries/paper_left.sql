-- Accepted lists that nobody has worked at since, the oldest first.
SELECT id          AS "id!: Uuid",
       issuer      AS "issuer!",
       entered_by  AS "entered_by!",
       begun_at    AS "begun_at!: Instant",
       accepted_at AS "accepted_at!: Instant",
       taken       AS "taken!: i64"
FROM paper_list
WHERE accepted_at IS NOT NULL AND changed_at <= $1
ORDER BY accepted_at, id
