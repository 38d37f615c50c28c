-- Counts the changes of parties, certificates and instructions.
SELECT generation AS "generation!"
FROM book
