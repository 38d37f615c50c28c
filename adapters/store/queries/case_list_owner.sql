-- An owner's cases by id, the greatest first, from an index in this order, and ids first as in case_list_named.sql. An order by change
-- would tell an owner when a bidder's bond came (R21).
SELECT id         AS "id!",
       version    AS "version!",
       state      AS "state!",
       due_at     AS "due_at?: Instant",
       changed_at AS "changed_at!: Instant"
FROM procurement_case
WHERE id IN (
    SELECT named.id
    FROM procurement_case AS named
    WHERE named.owner = $1
      AND named.id < $2
      AND named.id LIKE $3 ESCAPE '\'
    ORDER BY named.id DESC
    LIMIT $4
)
ORDER BY id DESC
