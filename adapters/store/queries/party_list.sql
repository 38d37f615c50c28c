-- All parties.
SELECT code    AS "code!",
       content AS "content!"
FROM party
ORDER BY code
