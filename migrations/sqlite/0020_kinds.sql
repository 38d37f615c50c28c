-- An issuer's bonds of a kind, without reading the others. Its twin is ../postgres/0020_kinds.sql.

ALTER TABLE bond ADD COLUMN kind TEXT GENERATED ALWAYS AS (json_extract(terms, '$.kind')) VIRTUAL;
CREATE INDEX bond_list_issuer_kind ON bond (issuer, kind, changed_at, number);
