-- The account's sessions, newest first.
SELECT s.digest       AS "digest!",
       s.account      AS "account!",
       s.signed_in_by AS "signed_in_by!",
       s.created_at   AS "created_at!: Instant",
       s.last_seen_at AS "last_seen_at!: Instant",
       s.expires_at   AS "expires_at!: Instant",
       s.address      AS "address?",
       s.agent        AS "agent?"
FROM sign_in_session AS s
WHERE s.account = $1
ORDER BY s.created_at DESC, s.digest
