-- What must leave the hub, leased at once where there is a lease and the channel is not one of $18; what is there is left
-- as it is.
INSERT INTO outbox
    (id, channel, procurement, name, recipient, envelope_to, message_id, body, carries_issuer,
     carries_number, carries_role, carries_edition, encrypted_to, created_at, state, attempts,
     due_at, lease_token, lease_until, changed_at)
SELECT added.*, CASE WHEN lease.token IS NULL THEN 'ready' ELSE 'leased' END, 0, $17, lease.token, lease.until, $17
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::bytea[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[],
            $14::timestamptz[])
    AS added (id, channel, procurement, name, recipient, envelope_to, message_id, body, carries_issuer,
              carries_number, carries_role, carries_edition, encrypted_to, created_at)
LEFT JOIN (VALUES ($15::uuid, $16::timestamptz)) AS lease (token, until)
  ON added.channel <> ALL($18::text[])
ON CONFLICT (id) DO NOTHING
