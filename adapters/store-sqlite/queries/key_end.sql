-- Ends the keys of a bond up to an edition (R11); a NULL role is every role.
UPDATE bond_key
SET ended_at = $6, ended_reason = $5
WHERE issuer = $1
  AND number = $2
  AND ($3 IS NULL OR role = $3)
  AND edition <= $4
  AND ended_at IS NULL
