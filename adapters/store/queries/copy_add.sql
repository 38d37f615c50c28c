-- Records a copy.
INSERT INTO copy (id, issuer, number, version, document, holder, role, sha256, made_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
