-- Cases, the last changed first.
SELECT id         AS "id!",
       version    AS "version!",
       state      AS "state!",
       due_at     AS "due_at?: Instant",
       changed_at AS "changed_at!: Instant"
FROM procurement_case
ORDER BY changed_at DESC, id
LIMIT $1
