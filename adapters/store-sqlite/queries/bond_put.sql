-- A bond as it is now. No row touched is a conflict: it belongs to another case.
INSERT INTO bond AS stored
    (issuer, number, procurement, principal, obligee, version, state, terms, cause, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (issuer, number) DO UPDATE
SET principal = excluded.principal,
    obligee = excluded.obligee,
    version = excluded.version,
    state = excluded.state,
    terms = excluded.terms,
    cause = excluded.cause,
    changed_at = excluded.changed_at
WHERE stored.procurement = excluded.procurement
