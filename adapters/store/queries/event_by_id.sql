-- One event.
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
WHERE id = $1
