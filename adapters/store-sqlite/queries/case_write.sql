-- Writes a case, guarded by the version it was loaded with (0: it must be new) and by the generation
-- of the parties it was decided with (NULL: any). No row touched is a conflict.
INSERT INTO procurement_case AS stored (id, version, state, due_at, changed_at, owner)
SELECT $1, $2 + 1, $3, $4, $5, $7
WHERE ($2 = 0 OR EXISTS (SELECT 1 FROM procurement_case WHERE procurement_case.id = $1))
  AND ($6 IS NULL OR $6 = (SELECT generation FROM book))
ON CONFLICT (id) DO UPDATE
SET version = excluded.version,
    state = excluded.state,
    due_at = excluded.due_at,
    changed_at = excluded.changed_at,
    owner = excluded.owner
WHERE stored.version = excluded.version - 1
