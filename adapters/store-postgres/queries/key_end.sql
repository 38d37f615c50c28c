-- Ends the keys of bonds up to an edition (R11); a NULL role is every role. Of several endings of one key the first counts.
UPDATE bond_key
SET ended_at = $6, ended_reason = first.reason
FROM (
    SELECT DISTINCT ON (bond_key.kid) bond_key.kid, ended.reason
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[]) WITH ORDINALITY
        AS ended (issuer, number, role, edition, reason, place)
    JOIN bond_key
      ON bond_key.issuer = ended.issuer
     AND bond_key.number = ended.number
     AND bond_key.edition <= ended.edition
     AND (ended.role IS NULL OR bond_key.role = ended.role)
    WHERE bond_key.ended_at IS NULL
    ORDER BY bond_key.kid, ended.place
) AS first
WHERE bond_key.kid = first.kid
  AND bond_key.ended_at IS NULL
