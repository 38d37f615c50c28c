-- Grants, newest first; a NULL account is everybody's.
SELECT id          AS "id!: Uuid",
       account     AS "account!",
       party       AS "party!",
       procurement AS "procurement?",
       reason      AS "reason!",
       granted_by  AS "granted_by!",
       granted_at  AS "granted_at!: Instant",
       until       AS "until!: Instant",
       revoked_at  AS "revoked_at?: Instant",
       revoked_by  AS "revoked_by?"
FROM early_grant
WHERE CAST($1 AS text) IS NULL OR account = $1
ORDER BY granted_at DESC, id DESC
