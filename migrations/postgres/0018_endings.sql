-- What ends when, of everything, from sums. Its twin is ../sqlite/0018_endings.sql, where nothing is kept to be quick.

CREATE TABLE ending_month (
    month    text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    amount   bigint NOT NULL,
    bonds    bigint NOT NULL,
    PRIMARY KEY (month, currency)
);
COMMENT ON TABLE ending_month IS 'What bond_standing adds up to, by the month of the last day that its bonds had when it was taken up';

CREATE TABLE bond_moved (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    issuer text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    month  text COLLATE "C" NOT NULL
);
COMMENT ON TABLE bond_moved IS 'Changes of the month of a bond''s last day that ending_month does not contain yet, with the month it was before';

-- Each change is a row of its own: two at once do not wait for each other, nor for whoever takes them up.
CREATE FUNCTION note_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO bond_moved (issuer, number, month) VALUES (OLD.issuer, OLD.number, substr(OLD.ends, 1, 7));
    RETURN NULL;
END $$;
CREATE TRIGGER moved AFTER UPDATE OF terms ON bond FOR EACH ROW
    WHEN (substr(OLD.ends, 1, 7) <> substr(NEW.ends, 1, 7))
    EXECUTE FUNCTION note_moved();

-- As in 0016, and which bonds they are of: what of an issuer's ended when, as of a day long ago.
DROP INDEX movement_of_issuer;
CREATE INDEX movement_of_issuer ON movement (issuer, effective)
    INCLUDE (number, holder, principal, obligee, currency, delta, bonds, held, recorded);

INSERT INTO ending_month (month, currency, amount, bonds)
SELECT substr(bond.ends, 1, 7), currency, sum(amount), sum(bonds)
FROM bond_standing
JOIN bond ON bond.issuer = bond_standing.issuer AND bond.number = bond_standing.number
WHERE bond.ends IS NOT NULL
GROUP BY substr(bond.ends, 1, 7), currency;
