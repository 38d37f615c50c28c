-- An owner's cases by id, the greatest first, from an index in this order. An order by change would tell an owner when
-- a bidder's bond came (R21).
SELECT id         AS "id!",
       version    AS "version!",
       state      AS "state!",
       due_at     AS "due_at?: Instant",
       changed_at AS "changed_at!: Instant"
FROM procurement_case
WHERE owner = $1
  AND id < $2
  AND id LIKE $3 ESCAPE '\'
ORDER BY id DESC
LIMIT $4
