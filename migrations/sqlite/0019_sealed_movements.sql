-- The movements of bonds that are or were under embargo (R21), beside when it ends: what a figure leaves out is read at one place.
-- Its twin is ../postgres/0019_sealed_movements.sql.

-- Copies of the movements of bonds whose sealed_until says something; triggers keep them so.
CREATE TABLE movement_sealed (
    issuer       TEXT    NOT NULL,
    number       TEXT    NOT NULL,
    movement     BLOB    NOT NULL,
    sealed_until INTEGER NOT NULL,
    principal    TEXT    NOT NULL,
    holder       TEXT    NOT NULL,
    obligee      TEXT    NOT NULL,
    effective    TEXT    NOT NULL,
    recorded     TEXT    NOT NULL,
    delta        INTEGER NOT NULL,
    currency     TEXT    NOT NULL,
    bonds        INTEGER NOT NULL,
    held         INTEGER NOT NULL,
    PRIMARY KEY (issuer, number, movement)
) STRICT;

CREATE TRIGGER movement_of_sealed AFTER INSERT ON movement
BEGIN
    INSERT INTO movement_sealed
    SELECT NEW.issuer, NEW.number, NEW.id, sealed_until, NEW.principal, NEW.holder, NEW.obligee, NEW.effective, NEW.recorded,
           NEW.delta, NEW.currency, NEW.bonds, NEW.held
    FROM bond
    WHERE issuer = NEW.issuer AND number = NEW.number AND sealed_until IS NOT NULL;
END;

CREATE TRIGGER bond_sealed_until AFTER UPDATE OF sealed_until ON bond
    WHEN OLD.sealed_until IS NOT NEW.sealed_until
BEGIN
    DELETE FROM movement_sealed WHERE issuer = NEW.issuer AND number = NEW.number;
    INSERT INTO movement_sealed
    SELECT issuer, number, id, NEW.sealed_until, principal, holder, obligee, effective, recorded, delta, currency, bonds, held
    FROM movement
    WHERE issuer = NEW.issuer AND number = NEW.number AND NEW.sealed_until IS NOT NULL;
END;

INSERT INTO movement_sealed
SELECT movement.issuer, movement.number, movement.id, bond.sealed_until, movement.principal, movement.holder, movement.obligee,
       movement.effective, movement.recorded, movement.delta, movement.currency, movement.bonds, movement.held
FROM movement
JOIN bond ON bond.issuer = movement.issuer AND bond.number = movement.number
WHERE bond.sealed_until IS NOT NULL;

-- What is sealed now is few of what ever was, and is read without the table.
CREATE INDEX movement_sealed_until ON movement_sealed
    (sealed_until, effective, issuer, principal, holder, obligee, recorded, delta, currency, bonds, held);
