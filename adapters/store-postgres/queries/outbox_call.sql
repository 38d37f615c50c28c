-- Marks rows as being sent, as long as the lease $2 holds; returns those that may be sent.
UPDATE outbox
SET calling_at = $3, changed_at = $3
WHERE id = ANY($1::uuid[]) AND state = 'leased' AND lease_token = $2 AND lease_until > $3
  AND overtaken_at IS NULL
RETURNING id AS "id!: Uuid"
