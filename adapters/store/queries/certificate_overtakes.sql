-- Mails to a party encrypted to a certificate that is not used any more are not sent. What is being
-- sent right now is let go on, but will not be tried again.
UPDATE outbox
SET state = CASE
        WHEN state IN ('ready', 'retry', 'failed') OR (state = 'leased' AND calling_at IS NULL) THEN 'overtaken'
        ELSE state
    END,
    lease_token = CASE WHEN state = 'leased' AND calling_at IS NOT NULL THEN lease_token END,
    lease_until = CASE WHEN state = 'leased' AND calling_at IS NOT NULL THEN lease_until END,
    overtaken_at = $3,
    changed_at = $3
WHERE recipient = $1 AND encrypted_to = $2 AND state NOT IN ('sent', 'overtaken')
