-- A person wants an uncertain or failed row sent again; what was overtaken meanwhile is not.
UPDATE outbox
SET state = CASE WHEN overtaken_at IS NULL THEN 'ready' ELSE 'overtaken' END,
    due_at = $2,
    changed_at = $2
WHERE id = $1 AND state IN ('uncertain', 'failed')
