-- One case file.
SELECT id         AS "id!",
       version    AS "version!",
       state      AS "state!",
       due_at     AS "due_at?: Instant",
       changed_at AS "changed_at!: Instant"
FROM procurement_case
WHERE id = $1
