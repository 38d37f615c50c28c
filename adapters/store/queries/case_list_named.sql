-- Everybody's cases by id, the greatest first.
SELECT id         AS "id!",
       version    AS "version!",
       state      AS "state!",
       due_at     AS "due_at?: Instant",
       changed_at AS "changed_at!: Instant"
FROM procurement_case
WHERE id < $1
  AND id LIKE $2 ESCAPE '\'
ORDER BY id DESC
LIMIT $3
