-- The limits that hold: of each the last word, unless it lifted the limit.
SELECT id         AS "id!: Uuid",
       issuer     AS "issuer!",
       contractor AS "contractor!",
       currency   AS "currency!",
       amount     AS "amount?",
       said_by    AS "said_by!",
       at         AS "at!: Instant"
FROM liability_limit
WHERE (CAST($1 AS text) IS NULL OR issuer = $1)
  AND amount IS NOT NULL
  AND NOT EXISTS (
      SELECT 1
      FROM liability_limit AS later
      WHERE later.issuer = liability_limit.issuer
        AND later.contractor = liability_limit.contractor
        AND later.currency = liability_limit.currency
        AND (later.at > liability_limit.at OR (later.at = liability_limit.at AND later.id > liability_limit.id))
  )
ORDER BY issuer, contractor, currency
