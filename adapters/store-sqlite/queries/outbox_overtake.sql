-- Mails that carry ended keys are not sent. What is being sent right now is let go on, but will not
-- be tried again.
UPDATE outbox
SET state = CASE
        WHEN state IN ('ready', 'retry', 'failed') OR (state = 'leased' AND calling_at IS NULL) THEN 'overtaken'
        ELSE state
    END,
    lease_token = CASE WHEN state = 'leased' AND calling_at IS NOT NULL THEN lease_token END,
    lease_until = CASE WHEN state = 'leased' AND calling_at IS NOT NULL THEN lease_until END,
    overtaken_at = $5,
    changed_at = $5
WHERE carries_issuer = $1
  AND carries_number = $2
  AND ($3 IS NULL OR carries_role = $3)
  AND carries_edition <= $4
  AND state NOT IN ('sent', 'overtaken')
