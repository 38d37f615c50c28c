-- Quicker figures. Its twin is ../sqlite/0016_figures.sql.

-- What of a figure of a day to come ends before it (R40): bonds that end by date, by their last day, read without the bonds.
CREATE INDEX bond_ends ON bond (ends, issuer, number) WHERE state IN ('reserved', 'in_force');

-- An issuer's movements by day, whole: its contractors and owners as of a day long ago, of which no sums are kept, are added up
-- without a look into the table.
CREATE INDEX movement_of_issuer ON movement (issuer, effective)
    INCLUDE (holder, principal, obligee, currency, delta, bonds, held, recorded);
