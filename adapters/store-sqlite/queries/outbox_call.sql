-- Marks a row as being sent, as long as the lease $2 holds. No row touched: it may not be sent.
UPDATE outbox
SET calling_at = $3, changed_at = $3
WHERE id = $1 AND state = 'leased' AND lease_token = $2 AND lease_until > $3 AND overtaken_at IS NULL
