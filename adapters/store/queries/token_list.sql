-- Tokens of one account, or of all where the name is empty.
SELECT t.account      AS "account!",
       t.label        AS "label!",
       t.digest       AS "digest!",
       t.scopes       AS "scopes!",
       t.created_at   AS "created_at!: Instant",
       t.expires_at   AS "expires_at?: Instant",
       t.last_used_at AS "last_used_at?: Instant",
       t.revoked_at   AS "revoked_at?: Instant"
FROM api_token AS t
WHERE t.account = $1 OR $1 = ''
ORDER BY t.account, t.label
