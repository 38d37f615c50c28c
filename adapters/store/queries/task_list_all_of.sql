-- Tasks whose content names a party, open ones first, then by age. The pattern finds candidates; who is really asked is
-- read off the content.
SELECT procurement AS "procurement!",
       task        AS "task!",
       content     AS "content!",
       opened_at   AS "opened_at!: Instant",
       closed_at   AS "closed_at?: Instant"
FROM task
WHERE content LIKE $1 ESCAPE '~'
ORDER BY closed_at IS NOT NULL, opened_at, procurement, task
LIMIT $2
