-- Writes the cases of a batch, each guarded by the version it was loaded with (0: it must be new),
-- and all by the generation of the parties they were decided with (NULL: any). Whoever counts fewer
-- rows than cases has a conflict. In order of id, so that two batches cannot wait for each other.
INSERT INTO procurement_case AS stored (id, version, state, due_at, changed_at, owner)
SELECT written.id, written.expected + 1, written.state, written.due_at, $5, written.owner
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::timestamptz[], $7::text[])
    AS written (id, expected, state, due_at, owner)
WHERE (written.expected = 0 OR EXISTS (SELECT FROM procurement_case WHERE procurement_case.id = written.id))
  AND ($6::bigint IS NULL OR $6 = (SELECT generation FROM book))
ORDER BY written.id COLLATE "C"
ON CONFLICT (id) DO UPDATE
SET version = excluded.version,
    state = excluded.state,
    due_at = excluded.due_at,
    changed_at = excluded.changed_at,
    owner = excluded.owner
WHERE stored.version = excluded.version - 1
