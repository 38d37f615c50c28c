-- A session with its account.
SELECT s.digest       AS "digest!",
       s.account      AS "account!",
       s.signed_in_by AS "signed_in_by!",
       s.created_at   AS "created_at!: Instant",
       s.last_seen_at AS "last_seen_at!: Instant",
       s.expires_at   AS "expires_at!: Instant",
       s.address      AS "address?",
       s.agent        AS "agent?",
       a.content      AS "content!"
FROM sign_in_session AS s
JOIN account AS a ON a.name = s.account
WHERE s.digest = $1
