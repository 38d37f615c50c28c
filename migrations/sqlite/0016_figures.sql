-- Quicker figures. Its twin is ../postgres/0016_figures.sql, which also keeps an issuer's movements by day.

-- What of a figure of a day to come ends before it (R40): bonds that end by date, by their last day.
CREATE INDEX bond_ends ON bond (ends, issuer, number) WHERE state IN ('reserved', 'in_force');
