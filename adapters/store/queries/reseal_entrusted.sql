-- Seals an entrusted key anew, if it still is what was read.
UPDATE signing_certificate
SET entrusted_key = $4
WHERE party = $1 AND fingerprint = $2 AND entrusted_key = $3
