-- Cases with bonds whose embargoes a migration left to be worked out: $1 marks them.
SELECT id AS "id!", state AS "state!"
FROM procurement_case
WHERE id IN (SELECT procurement FROM bond WHERE sealed_until = $1)
