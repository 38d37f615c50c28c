-- Seals a document from before there were data keys anew, if it still is what was read.
UPDATE document
SET sealed = $3
WHERE digest = $1 AND sealed = $2
