-- Keeps signed documents, one that is known is left as it is; and the data keys made for them, of which
-- one that exists meanwhile is not counted.
WITH keyed AS (
    INSERT INTO data_key (issuer, number, wrapped, made_at, changed_at)
    SELECT made.*, $8, $8
    FROM unnest($9::text[], $10::text[], $11::bytea[]) AS made
    ON CONFLICT (issuer, number) DO NOTHING
    RETURNING 1
),
kept AS (
    INSERT INTO document (digest, issuer, number, kind, signed_at, signer, sealed, revocation, revocation_why, taken_at)
    SELECT taken.*, $8
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::bytea[], $12::text[],
                $13::text[]) AS taken
    ON CONFLICT (digest) DO NOTHING
)
SELECT COUNT(*) AS "count!"
FROM keyed
