-- An issuer's bonds of a kind, without reading the others. Its twin is ../sqlite/0020_kinds.sql.

ALTER TABLE bond ADD COLUMN kind text COLLATE "C" GENERATED ALWAYS AS ((terms::jsonb) ->> 'kind') STORED;
CREATE INDEX bond_list_issuer_kind ON bond (issuer, kind, changed_at, number);
