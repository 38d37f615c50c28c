-- Takes a challenge away: nobody gets it a second time.
DELETE FROM sign_in_challenge
WHERE id = $1
RETURNING id         AS "id!",
          account    AS "account?",
          content    AS "content!",
          expires_at AS "expires_at!: Instant"
