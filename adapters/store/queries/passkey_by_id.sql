-- One passkey by its id.
SELECT id           AS "id!",
       account      AS "account!",
       label        AS "label!",
       public_key   AS "public_key!",
       counter      AS "counter!",
       added_at     AS "added_at!: Instant",
       last_used_at AS "last_used_at?: Instant"
FROM passkey
WHERE id = $1
