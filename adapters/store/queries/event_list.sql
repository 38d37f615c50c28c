-- Events, newest arrival first; each filter that is NULL lets everything through.
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
WHERE (CAST($1 AS text) IS NULL OR state = $1)
  AND (CAST($2 AS text) IS NULL OR subject = $2)
  AND (CAST($3 AS text) IS NULL OR waits_for = $3)
ORDER BY received_at DESC, id DESC
LIMIT $4
