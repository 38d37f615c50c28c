-- Keeps a data key; one that exists meanwhile is left, and the row not counted.
INSERT INTO data_key (issuer, number, wrapped, made_at, changed_at)
VALUES ($1, $2, $3, $4, $4)
ON CONFLICT (issuer, number) DO NOTHING
