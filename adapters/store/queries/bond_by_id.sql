-- One bond.
SELECT issuer  AS "issuer!",
       number  AS "number!",
       version AS "version!",
       state   AS "state!",
       terms   AS "terms!",
       cause   AS "cause!"
FROM bond
WHERE issuer = $1 AND number = $2
