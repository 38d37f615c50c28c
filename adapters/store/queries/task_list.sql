-- Tasks, open ones first, then by age; closed ones only if asked for.
SELECT procurement AS "procurement!",
       task        AS "task!",
       content     AS "content!",
       opened_at   AS "opened_at!: Instant",
       closed_at   AS "closed_at?: Instant"
FROM task
WHERE closed_at IS NULL OR $1
ORDER BY closed_at IS NOT NULL, opened_at, procurement, task
LIMIT $2
