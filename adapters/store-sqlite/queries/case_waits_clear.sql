-- A case waits for nothing any more.
DELETE FROM case_wait
WHERE procurement = $1
