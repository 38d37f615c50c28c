-- One data key.
SELECT wrapped AS "wrapped!"
FROM data_key
WHERE issuer = $1 AND number = $2
