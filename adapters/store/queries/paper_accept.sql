-- From here on the whole list is taken, whatever happens.
UPDATE paper_list
SET accepted_at = $2, changed_at = $2
WHERE id = $1 AND accepted_at IS NULL
