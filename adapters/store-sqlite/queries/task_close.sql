-- Closes a task.
UPDATE task
SET closed_at = $3
WHERE procurement = $1 AND task = $2 AND closed_at IS NULL
