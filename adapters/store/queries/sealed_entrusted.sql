-- Entrusted keys that are not sealed under the master key that $1 names.
SELECT party AS "one!", fingerprint AS "other!", entrusted_key AS "bytes!"
FROM signing_certificate
WHERE entrusted_key IS NOT NULL
    AND substr(entrusted_key, 1, 9) <> $1
    AND (party, fingerprint) > ($2, $3)
ORDER BY party, fingerprint
LIMIT $4
