-- What a contractor said, the last word first.
SELECT id         AS "id!: Uuid",
       contractor AS "contractor!",
       given      AS "given!: bool",
       said_by    AS "said_by!",
       at         AS "at!: Instant"
FROM liability_consent
WHERE contractor = $1
ORDER BY at DESC, id DESC
