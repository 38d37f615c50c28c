-- Events that wait for what has this name's beginning, oldest arrival first, after one of them.
SELECT id           AS "id!: Uuid",
       source       AS "source!",
       event_id     AS "event_id!",
       kind         AS "kind!",
       subject      AS "subject?",
       happened_at  AS "happened_at!: Instant",
       digest       AS "digest!",
       state        AS "state!",
       rejection    AS "rejection?",
       waits_for    AS "waits_for?",
       body         AS "body!",
       sealed       AS "sealed!: bool",
       content_type AS "content_type?",
       received_at  AS "received_at!: Instant"
FROM event
WHERE state = 'waiting'
  AND substr(waits_for, 1, length(CAST($1 AS text))) = CAST($1 AS text)
  AND ($2 OR (received_at, id) > (SELECT before.received_at, before.id FROM event AS before WHERE before.id = $3))
ORDER BY received_at, id
LIMIT $4
