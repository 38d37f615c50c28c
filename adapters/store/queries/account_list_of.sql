-- The accounts of a party, by name.
SELECT content           AS "content!",
       password          AS "password?",
       totp              AS "totp?",
       totp_confirmed_at AS "totp_confirmed_at?: Instant",
       totp_last_step    AS "totp_last_step!"
FROM account
WHERE party = $1
ORDER BY name
