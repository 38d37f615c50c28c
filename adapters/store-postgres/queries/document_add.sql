-- Keeps signed documents; one that is known is left as it is.
INSERT INTO document (digest, issuer, number, kind, signed_at, signer, sealed, taken_at)
SELECT taken.*, $8
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::bytea[])
    AS taken
ON CONFLICT (digest) DO NOTHING
