-- Opens tasks, or changes what an open one asks for; one that was closed is open again from now on.
INSERT INTO task AS stored (procurement, task, content, opened_at)
SELECT opened.*, $4
FROM unnest($1::text[], $2::text[], $3::text[]) AS opened
ON CONFLICT (procurement, task) DO UPDATE
SET content = excluded.content,
    opened_at = CASE WHEN stored.closed_at IS NULL THEN stored.opened_at ELSE excluded.opened_at END,
    closed_at = NULL
