-- Rows up to a line are taken; somebody slower may say less.
UPDATE paper_list
SET taken = CASE WHEN taken > $2 THEN taken ELSE $2 END, changed_at = $3
WHERE id = $1
