-- The bonds as they are now. Whoever counts fewer rows than bonds has a conflict: one belongs to
-- another case.
INSERT INTO bond AS stored
    (issuer, number, procurement, principal, obligee, version, state, terms, cause, changed_at)
SELECT written.*, $10
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
            $8::text[], $9::text[]) AS written
ON CONFLICT (issuer, number) DO UPDATE
SET principal = excluded.principal,
    obligee = excluded.obligee,
    version = excluded.version,
    state = excluded.state,
    terms = excluded.terms,
    cause = excluded.cause,
    changed_at = excluded.changed_at
WHERE stored.procurement = excluded.procurement
