-- Ends the keys of bonds up to an edition (R11); a NULL role is every role.
UPDATE bond_key
SET ended_at = $6, ended_reason = ended.reason
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
    AS ended (issuer, number, role, edition, reason)
WHERE bond_key.issuer = ended.issuer
  AND bond_key.number = ended.number
  AND bond_key.edition <= ended.edition
  AND (ended.role IS NULL OR bond_key.role = ended.role)
  AND bond_key.ended_at IS NULL
