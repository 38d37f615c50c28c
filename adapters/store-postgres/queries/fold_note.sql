-- Notes anew when bonds end that have moved, and until when they are under embargo.
UPDATE bond_standing AS kept
SET last_day     = now.last_day,
    sealed_until = now.sealed_until
FROM (
    SELECT bond.issuer, bond.number, bond.sealed_until,
           CASE WHEN bond.state IN ('reserved', 'in_force') THEN bond.ends::date ELSE 'infinity' END AS last_day
    FROM (SELECT DISTINCT issuer, number FROM bond_moved) AS moved
    JOIN bond ON bond.issuer = moved.issuer AND bond.number = moved.number
) AS now
WHERE kept.issuer = now.issuer AND kept.number = now.number
  AND (kept.last_day IS DISTINCT FROM now.last_day OR kept.sealed_until IS DISTINCT FROM now.sealed_until)
