-- How much lies under which master key: the first 9 bytes of what is sealed tell it; of the oldest form,
-- which names no key ($2 begins those that do), the first byte. $1 begins what lies under a data key.
SELECT kind AS "kind!",
       CASE WHEN substr(head, 1, 1) = $2 THEN head ELSE substr(head, 1, 1) END AS "head!: Vec<u8>",
       COUNT(*) AS "count!"
FROM (
    SELECT 'data_key' AS kind, substr(wrapped, 1, 9) AS head
    FROM data_key
    UNION ALL
    SELECT 'entrusted_key', substr(entrusted_key, 1, 9)
    FROM signing_certificate
    WHERE entrusted_key IS NOT NULL
    UNION ALL
    SELECT 'one_time_password', substr(totp, 1, 9)
    FROM account
    WHERE totp IS NOT NULL
    UNION ALL
    SELECT 'signing_request', substr(sealed, 1, 9)
    FROM signing_request
    WHERE sealed IS NOT NULL
    UNION ALL
    SELECT 'event', substr(body, 1, 9)
    FROM event
    WHERE sealed
    UNION ALL
    SELECT 'document', substr(sealed, 1, 9)
    FROM document
    WHERE substr(sealed, 1, 1) <> $1
) AS everything
GROUP BY 1, 2
ORDER BY 1, 2
