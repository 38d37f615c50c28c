-- A case, for a batch.
SELECT version AS "version!",
       state   AS "state!"
FROM procurement_case
WHERE id = $1
