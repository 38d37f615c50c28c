-- Movements of the ledger.
INSERT INTO movement
    (id, issuer, number, principal, obligee, effective, delta, currency, created_at)
SELECT added.*, $9
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::bigint[],
            $8::text[]) AS added
