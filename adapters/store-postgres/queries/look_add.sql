-- Looks; one that is there already is left as it is.
INSERT INTO look
    (id, looked_at, kid, issuer, number, version, holder, role, account, address, shown, round, opening_at, early_grant)
SELECT added.*
FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::text[], $12::text[], $13::timestamptz[], $14::uuid[]) AS added
ON CONFLICT (id) DO NOTHING
RETURNING id AS "id!: Uuid"
