-- Parties, certificates or instructions changed.
UPDATE book
SET generation = generation + 1
