-- Movements of the ledger, noted as not yet contained in the sums at ends of months.
WITH added AS (
    INSERT INTO movement
        (id, issuer, number, principal, holder, obligee, effective, recorded, delta, currency, bonds, held,
         created_at)
    SELECT one.*, $13
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[],
                $8::date[], $9::bigint[], $10::text[], $11::smallint[], $12::smallint[]) AS one
    RETURNING id
)
INSERT INTO movement_new (movement)
SELECT id FROM added
