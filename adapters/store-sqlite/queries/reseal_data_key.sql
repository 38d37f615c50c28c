-- Wraps a data key anew, if it still is what was read.
UPDATE data_key
SET wrapped = $4, changed_at = $5
WHERE issuer = $1 AND number = $2 AND wrapped = $3
