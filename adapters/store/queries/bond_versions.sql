-- The versions of a bond, oldest first.
SELECT version AS "version!",
       terms   AS "terms!",
       cause   AS "cause!"
FROM bond_version
WHERE issuer = $1 AND number = $2
ORDER BY version
