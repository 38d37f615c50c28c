-- The last look that showed an owner a bond's content after an opening.
SELECT looked_at AS "looked_at!: Instant",
       version   AS "version!",
       round     AS "round!"
FROM look
WHERE issuer = $1
  AND number = $2
  AND holder = $3
  AND role = 'owner'
  AND shown IN ('opened', 'seen')
ORDER BY looked_at DESC
LIMIT 1
