-- The signed heads, oldest first.
SELECT day       AS "day!: sqlx::types::chrono::NaiveDate",
       sequence  AS "sequence!",
       hash      AS "hash!",
       at        AS "at!: Instant",
       signature AS "signature!"
FROM audit_signed_head
ORDER BY day
