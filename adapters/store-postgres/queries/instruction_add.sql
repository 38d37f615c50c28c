-- Takes standing instructions; one that is known is left as it is.
INSERT INTO instruction (issuer, document, version, content, taken_at)
SELECT taken.*, $5
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS taken
ON CONFLICT (issuer, document) DO NOTHING
