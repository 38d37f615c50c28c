-- Replaces what the cases $1 wait for by the pairs $2, $3; what stays is not touched.
WITH wanted AS (
    SELECT procurement, waits_for
    FROM unnest($2::text[], $3::text[]) AS pair (procurement, waits_for)
),
gone AS (
    DELETE FROM case_wait
    WHERE procurement = ANY($1::text[])
      AND (procurement, waits_for) NOT IN (SELECT procurement, waits_for FROM wanted)
)
INSERT INTO case_wait (procurement, waits_for)
SELECT procurement, waits_for
FROM wanted
ON CONFLICT DO NOTHING
