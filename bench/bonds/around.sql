-- What stands around the bonds of bench/liability/history.sql: their cases, versions, keys, tasks, events and mails, so that
-- every list has as many rows as a hub with those bonds has.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SET work_mem = '256MB';
SET maintenance_work_mem = '512MB';

INSERT INTO procurement_case (id, version, state, due_at, changed_at, owner)
SELECT procurement, 3,
       json_build_object('id', procurement, 'owner', json_build_object('v', min(obligee)), 'carried', '{}'::json)::text,
       NULL, timestamptz '2016-12-01' + (hashtext(procurement)::bigint + 2147483648) * interval '73 milliseconds',
       min(obligee)
FROM bond
GROUP BY procurement;

INSERT INTO bond_version (issuer, number, version, terms, cause, created_at)
SELECT issuer, number, 1, terms, cause, (terms::jsonb -> 'period' ->> 'from')::timestamptz
FROM bond
ON CONFLICT DO NOTHING;

INSERT INTO bond_key (kid, issuer, number, version, edition, holder, role, digest, statement, issued_at)
SELECT 'K' || md5(issuer || '/' || number), issuer, number, 1, 1, obligee, 'owner', '\x00', '\x00', now()
FROM bond;

INSERT INTO task (procurement, task, content, opened_at, closed_at)
SELECT procurement, 'change_request|bond:' || issuer || '/' || number,
       '{"asked":["' || issuer || '"]}', now() - interval '1 day',
       CASE WHEN hashtext(number) % 20 <> 0 THEN now() END
FROM bond
WHERE hashtext(number) % 10 = 0;

INSERT INTO event (id, source, event_id, kind, subject, happened_at, digest, state, body, sealed, received_at, changed_at)
SELECT md5('e' || issuer || number)::uuid, '/feeds', number, 'contract.changed', procurement, now(), md5(number),
       CASE WHEN hashtext(number) % 5000 = 0 THEN 'set_aside' ELSE 'applied' END,
       convert_to(terms, 'UTF8'), false,
       timestamptz '2016-12-01' + (hashtext(number)::bigint + 2147483648) * interval '73 milliseconds', now()
FROM bond;

INSERT INTO outbox (id, channel, procurement, name, recipient, envelope_to, message_id, body, state, attempts, due_at,
                    created_at, changed_at)
SELECT md5('m' || issuer || number)::uuid, 'mail', procurement, 'key', principal, '[]', number, '\x00',
       CASE WHEN hashtext(number) % 5000 = 0 THEN 'failed' ELSE 'sent' END, 1, now(),
       timestamptz '2016-12-01' + (hashtext(number)::bigint + 2147483648) * interval '73 milliseconds', now()
FROM bond;
VACUUM ANALYZE;
