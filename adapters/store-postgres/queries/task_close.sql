-- Closes tasks.
UPDATE task
SET closed_at = $3
FROM unnest($1::text[], $2::text[]) AS closed (procurement, task)
WHERE task.procurement = closed.procurement AND task.task = closed.task AND task.closed_at IS NULL
