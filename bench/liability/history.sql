-- A generated history: :bonds bonds of ten years, each with up to five movements, a few per cent of them recorded
-- late, three per cent of bonds for joint ventures. The same rows on every machine.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SET work_mem = '256MB';
SET maintenance_work_mem = '512MB';

CREATE TEMP TABLE drawn AS
SELECT n,
       'S' || lpad((least(n * 7919 % 97, n * 104729 % 40) % 40)::text, 2, '0')  AS issuer,
       'B-' || lpad(n::text, 7, '0')                                            AS number,
       'C' || lpad((n * 15485863 % 5000)::text, 4, '0')                         AS contractor,
       'C' || lpad((n * 32452843 % 5000)::text, 4, '0')                         AS partner,
       'O' || lpad((n / 4 * 49979687 % 500)::text, 3, '0')                        AS owner,
       CASE WHEN bid THEN :'today'::date - (n % 30)::int
            ELSE DATE '2016-12-01' + (n * 86028121 % 3640)::int END             AS starts,
       CASE WHEN bid THEN 120 ELSE 30 + (n * 67867967 % 740)::int END           AS days,
       bid,
       1000000 + n * 982451653 % 99000000                                       AS amount,
       n % 33 = 0                                                               AS venture
-- Two per cent of the cases are not open yet: their bonds are bids of the last weeks.
FROM (SELECT n, hashtext('P-' || n / 4) % 50 = 0 AS bid FROM generate_series(1, :bonds::bigint) AS n) AS each;

INSERT INTO bond (issuer, number, procurement, principal, obligee, version, state, terms, cause, changed_at, sealed_until)
SELECT issuer, number, 'P-' || n / 4, CASE WHEN venture THEN 'JV' || contractor ELSE contractor END, owner, 1,
       CASE WHEN starts + days <= :'today'::date THEN 'released' ELSE 'in_force' END,
       -- Without blanks, as the hub writes it.
       replace(replace(json_build_object(
           'kind', CASE WHEN bid THEN 'bid' ELSE 'performance' END,
           'instrument', 'surety_bond', 'medium', 'electronic',
           'principal', CASE WHEN venture THEN 'JV' || contractor ELSE contractor END, 'obligee', owner,
           'procurement', 'P-' || n / 4, 'amount', json_build_object('amount', amount, 'currency', 'JPY'),
           'period', json_build_object('from', starts, 'to', starts + days - 1), 'forfeitable', false)::text,
           '" : ', '":'), ', "', ',"'),
       json_build_object('rule', 'registered', 'at', starts::timestamptz, 'source', 'bench')::text, now(),
       CASE WHEN bid THEN timestamptz '2030-01-01' END
FROM drawn;

-- The indexes are built once, after the rows.
DROP INDEX movement_of_bond, movement_of_issuer, movement_effective, movement_lagging, movement_held, movement_towards, movement_venture;

CREATE TEMP TABLE step AS
SELECT n, 1 AS place, starts AS effective, starts - (n % 30)::int AS recorded, amount AS stands FROM drawn
UNION ALL
SELECT n, 2, starts + days / 4, starts + days / 4 + (n % 5)::int, amount + amount / 10 FROM drawn
UNION ALL
SELECT n, 3, starts + days / 2,
       starts + days / 2 + CASE WHEN n % 20 = 0 THEN 20 + (n * 7 % 400)::int ELSE (n % 9)::int END,
       amount + amount / 20 FROM drawn
UNION ALL
SELECT n, 4, starts + days * 3 / 4, starts + days * 3 / 4 + (n % 6)::int, amount FROM drawn
UNION ALL
SELECT n, 5, starts + days, starts + days + (n % 10)::int, 0 FROM drawn;
DELETE FROM step WHERE greatest(effective, recorded) > :'today'::date AND place > 1;

-- A venture's first member has 70 of 100, rounded down; the other the rest: nothing is lost.
INSERT INTO movement (id, issuer, number, principal, holder, obligee, effective, recorded, delta, currency, bonds,
                      held, created_at)
SELECT md5(n || '/' || place || '/' || share)::uuid, issuer, number,
       CASE WHEN venture THEN 'JV' || contractor ELSE contractor END,
       CASE share WHEN 1 THEN contractor ELSE partner END, owner, effective, recorded,
       part - lag(part, 1, 0::bigint) OVER each, 'JPY',
       CASE WHEN share = 2 THEN 0 ELSE (stands <> 0)::int - (lag(stands, 1, 0::bigint) OVER each <> 0)::int END,
       (stands <> 0)::int - (lag(stands, 1, 0::bigint) OVER each <> 0)::int,
       recorded::timestamptz
FROM (
    SELECT step.*, issuer, number, contractor, partner, owner, venture, share,
           CASE WHEN NOT venture THEN stands WHEN share = 1 THEN stands * 7 / 10
                ELSE stands - stands * 7 / 10 END AS part
    FROM step
    JOIN drawn USING (n)
    CROSS JOIN generate_series(1, 2) AS share
    WHERE share = 1 OR venture
) AS shared
WINDOW each AS (PARTITION BY n, share ORDER BY place)
-- As a hub writes them: in the order in which they are recorded.
ORDER BY shared.recorded;

INSERT INTO movement_new SELECT id FROM movement;
CREATE INDEX movement_of_bond ON movement (issuer, number);
CREATE INDEX movement_of_issuer ON movement (issuer, effective)
    INCLUDE (number, holder, principal, obligee, currency, delta, bonds, held, recorded);
CREATE INDEX movement_effective ON movement (effective);
CREATE INDEX movement_lagging ON movement (movement_lag(effective, recorded), effective);
CREATE INDEX movement_held ON movement (holder, effective);
CREATE INDEX movement_towards ON movement (obligee, effective);
CREATE INDEX movement_venture ON movement (principal, effective) WHERE holder <> principal;
ANALYZE bond;
ANALYZE movement;
ANALYZE movement_new;
SELECT count(*) AS movements, count(DISTINCT holder) AS contractors, min(effective), max(effective) FROM movement;
