-- What stands of every bond, and quicker lists. Its twin is ../sqlite/0014_standings.sql, where nothing is kept to be quick.

CREATE TABLE bond_standing (
    issuer    text COLLATE "C" NOT NULL,
    number    text COLLATE "C" NOT NULL,
    principal text COLLATE "C" NOT NULL,
    holder    text COLLATE "C" NOT NULL,
    obligee   text COLLATE "C" NOT NULL,
    currency  text COLLATE "C" NOT NULL,
    amount    bigint NOT NULL,
    bonds     bigint NOT NULL,
    held      bigint NOT NULL,
    PRIMARY KEY (issuer, number, holder, principal, obligee, currency)
);
COMMENT ON TABLE bond_standing IS 'What all movements of a bond add up to, of those that are not in movement_new; bonds of which nothing stands are not in it';
INSERT INTO bond_standing (issuer, number, principal, holder, obligee, currency, amount, bonds, held)
SELECT issuer, number, principal, holder, obligee, currency, sum(delta), sum(bonds), sum(held)
FROM movement
WHERE NOT EXISTS (SELECT 1 FROM movement_new WHERE movement_new.movement = movement.id)
GROUP BY issuer, number, principal, holder, obligee, currency
HAVING sum(delta) <> 0 OR sum(bonds) <> 0 OR sum(held) <> 0;
CREATE INDEX bond_standing_holder ON bond_standing (holder);
CREATE INDEX bond_standing_obligee ON bond_standing (obligee);

-- When bonds end that are alive, without reading the bonds.
CREATE INDEX bond_alive ON bond (issuer, number) INCLUDE (ends) WHERE state IN ('reserved', 'in_force', 'frozen');

-- Mails that need somebody, and mails to one party.
CREATE INDEX outbox_trouble ON outbox (state, created_at, id) WHERE state IN ('retry', 'failed', 'uncertain');
CREATE INDEX outbox_recipient ON outbox (recipient, created_at, id) WHERE recipient IS NOT NULL;
