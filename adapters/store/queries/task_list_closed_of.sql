-- Closed tasks whose content names a party, oldest first, behind a place in that order. The pattern finds candidates; who
-- is really asked is read off the content.
SELECT procurement AS "procurement!",
       task        AS "task!",
       content     AS "content!",
       opened_at   AS "opened_at!: Instant",
       closed_at   AS "closed_at?: Instant"
FROM task
WHERE closed_at IS NOT NULL
  AND content LIKE $1 ESCAPE '~'
  AND (opened_at, procurement, task) > ($2, $3, $4)
ORDER BY opened_at, procurement, task
LIMIT $5
