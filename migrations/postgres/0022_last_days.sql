-- What ends before a day to come, read where what stands is. Its twin is ../sqlite/0022_last_days.sql, which reads the bonds.

ALTER TABLE bond_standing
    ADD COLUMN last_day     date NOT NULL DEFAULT 'infinity',
    ADD COLUMN sealed_until timestamptz;
COMMENT ON COLUMN bond_standing.last_day IS 'The last day of its bond when this was noted, if it ends by date; infinity of a frozen one';
COMMENT ON COLUMN bond_standing.sealed_until IS 'When the embargo of its bond ends, when this was noted';
UPDATE bond_standing
SET last_day     = CASE WHEN bond.state IN ('reserved', 'in_force') THEN bond.ends::date ELSE 'infinity' END,
    sealed_until = bond.sealed_until
FROM bond
WHERE bond.issuer = bond_standing.issuer AND bond.number = bond_standing.number;

-- Whole: what ends before a day is up to half of all that stands.
CREATE INDEX bond_standing_last_day ON bond_standing (last_day)
    INCLUDE (issuer, principal, holder, obligee, currency, amount, bonds, held, sealed_until);
DROP INDEX bond_ends;
-- The shares of a joint venture, asked for within it.
CREATE INDEX bond_standing_venture ON bond_standing (principal) WHERE holder <> principal;

-- As in 0018, and bonds that begin or cease to end by date, or whose embargo ends at another time.
ALTER TABLE bond_moved ALTER COLUMN month DROP NOT NULL;
COMMENT ON TABLE bond_moved IS 'Bonds that changed in what is noted beside what stands of them, or in ending_month, until it is noted anew, with the month they ended in before';
DROP TRIGGER moved ON bond;
CREATE TRIGGER moved AFTER UPDATE OF terms, state, sealed_until ON bond FOR EACH ROW
    WHEN (OLD.ends IS DISTINCT FROM NEW.ends
          OR OLD.sealed_until IS DISTINCT FROM NEW.sealed_until
          OR (OLD.state IN ('reserved', 'in_force')) <> (NEW.state IN ('reserved', 'in_force')))
    EXECUTE FUNCTION note_moved();
