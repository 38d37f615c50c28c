-- A token with its account.
SELECT t.account      AS "account!",
       t.label        AS "label!",
       t.digest       AS "digest!",
       t.scopes       AS "scopes!",
       t.created_at   AS "created_at!: Instant",
       t.expires_at   AS "expires_at?: Instant",
       t.last_used_at AS "last_used_at?: Instant",
       t.revoked_at   AS "revoked_at?: Instant",
       a.content      AS "content!"
FROM api_token AS t
JOIN account AS a ON a.name = t.account
WHERE t.digest = $1
