-- Throws away challenges that are void.
DELETE FROM sign_in_challenge
WHERE expires_at <= $1
