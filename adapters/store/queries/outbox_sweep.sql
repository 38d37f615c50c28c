-- Ends leases that are over. Only a mail that was being sent has an unknown fate.
UPDATE outbox
SET state = CASE
        WHEN channel = 'mail' AND calling_at IS NOT NULL THEN 'uncertain'
        WHEN overtaken_at IS NOT NULL THEN 'overtaken'
        ELSE 'ready'
    END,
    last_reply = CASE
        WHEN channel = 'mail' AND calling_at IS NOT NULL THEN 'the sender was lost while sending'
        ELSE last_reply
    END,
    lease_token = NULL,
    lease_until = NULL,
    calling_at = NULL,
    changed_at = $1
WHERE state = 'leased' AND lease_until <= $1
RETURNING state AS "state!"
