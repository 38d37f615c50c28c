-- Takes a standing instruction; one that is known is left as it is.
INSERT INTO instruction (issuer, document, version, content, taken_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (issuer, document) DO NOTHING
