-- A list is taken, or kept out; its rows go with it.
DELETE FROM paper_list WHERE id = $1
