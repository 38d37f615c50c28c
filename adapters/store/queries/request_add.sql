-- A key that waits for its issuer's signature.
INSERT INTO signing_request
    (kid, procurement, issuer, number, version, edition, role, holder, digest, statement, sealed,
     signature, state, requested_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, 'waiting', $12, $12)
