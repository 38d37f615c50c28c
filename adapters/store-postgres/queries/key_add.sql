-- Keys issued.
INSERT INTO bond_key
    (kid, issuer, number, version, edition, holder, role, digest, statement, issued_at)
SELECT added.*
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[],
            $8::bytea[], $9::bytea[], $10::timestamptz[]) AS added
