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
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
    AS ended (issuer, number, role, edition)
WHERE carries_issuer = ended.issuer
  AND carries_number = ended.number
  AND carries_edition <= ended.edition
  AND (ended.role IS NULL OR carries_role = ended.role)
  AND state NOT IN ('sent', 'overtaken')
