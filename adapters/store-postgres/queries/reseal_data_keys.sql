-- Wraps data keys anew, those that still are what was read.
UPDATE data_key
SET wrapped = anew.after, changed_at = $5
FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[]) AS anew (issuer, number, before, after)
WHERE data_key.issuer = anew.issuer AND data_key.number = anew.number AND data_key.wrapped = anew.before
