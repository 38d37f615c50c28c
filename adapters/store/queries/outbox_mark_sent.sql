-- A person knows that an uncertain or failed row arrived.
UPDATE outbox
SET state = 'sent', changed_at = $2
WHERE id = $1 AND state IN ('uncertain', 'failed')
