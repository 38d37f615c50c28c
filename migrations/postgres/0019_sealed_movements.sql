-- The movements of bonds that are or were under embargo (R21), beside when it ends: what a figure leaves out is read at one place.
-- Its twin is ../sqlite/0019_sealed_movements.sql.

CREATE TABLE movement_sealed (
    issuer       text COLLATE "C" NOT NULL,
    number       text COLLATE "C" NOT NULL,
    movement     uuid        NOT NULL,
    sealed_until timestamptz NOT NULL,
    principal    text COLLATE "C" NOT NULL,
    holder       text COLLATE "C" NOT NULL,
    obligee      text COLLATE "C" NOT NULL,
    effective    date        NOT NULL,
    recorded     date        NOT NULL,
    delta        bigint      NOT NULL,
    currency     text COLLATE "C" NOT NULL,
    bonds        smallint    NOT NULL,
    held         smallint    NOT NULL,
    PRIMARY KEY (issuer, number, movement)
);
COMMENT ON TABLE movement_sealed IS 'Copies of the movements of bonds whose sealed_until says something; triggers keep them so';

CREATE FUNCTION copy_sealed_movements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO movement_sealed
    SELECT added.issuer, added.number, added.id, bond.sealed_until, added.principal, added.holder, added.obligee, added.effective,
           added.recorded, added.delta, added.currency, added.bonds, added.held
    FROM added
    JOIN bond ON bond.issuer = added.issuer AND bond.number = added.number
    WHERE bond.sealed_until IS NOT NULL
    -- Whoever just says another instant is waited for; whoever will say one waits, and then finds these movements.
    FOR SHARE OF bond;
    RETURN NULL;
END $$;
CREATE TRIGGER sealed AFTER INSERT ON movement
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION copy_sealed_movements();

CREATE FUNCTION seal_movements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM movement_sealed WHERE issuer = NEW.issuer AND number = NEW.number;
    INSERT INTO movement_sealed
    SELECT issuer, number, id, NEW.sealed_until, principal, holder, obligee, effective, recorded, delta, currency, bonds, held
    FROM movement
    WHERE issuer = NEW.issuer AND number = NEW.number AND NEW.sealed_until IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER sealed AFTER UPDATE OF sealed_until ON bond FOR EACH ROW
    WHEN (OLD.sealed_until IS DISTINCT FROM NEW.sealed_until)
    EXECUTE FUNCTION seal_movements();

INSERT INTO movement_sealed
SELECT movement.issuer, movement.number, movement.id, bond.sealed_until, movement.principal, movement.holder, movement.obligee,
       movement.effective, movement.recorded, movement.delta, movement.currency, movement.bonds, movement.held
FROM movement
JOIN bond ON bond.issuer = movement.issuer AND bond.number = movement.number
WHERE bond.sealed_until IS NOT NULL;

-- What is sealed now is few of what ever was, and is read without the table.
CREATE INDEX movement_sealed_until ON movement_sealed (sealed_until)
    INCLUDE (issuer, principal, holder, obligee, effective, recorded, delta, currency, bonds, held);
