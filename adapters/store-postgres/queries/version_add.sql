-- New versions of bonds.
INSERT INTO bond_version (issuer, number, version, terms, cause, created_at)
SELECT added.*, $6
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[]) AS added
