-- Seals an event anew, if it still is what was read.
UPDATE event
SET body = $3
WHERE id = $1 AND body = $2
