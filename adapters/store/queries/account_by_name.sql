-- One account with what it signs in with.
SELECT content           AS "content!",
       password          AS "password?",
       totp              AS "totp?",
       totp_confirmed_at AS "totp_confirmed_at?: Instant",
       totp_last_step    AS "totp_last_step!"
FROM account
WHERE name = $1
