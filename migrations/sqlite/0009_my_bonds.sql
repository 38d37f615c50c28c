-- Lists of a party's bonds, page by page (R24). Its twin is ../postgres/0009_my_bonds.sql: same indexes.
--
-- Each is in the order of its list, so that a page costs as much as it shows, however many bonds there are.

CREATE INDEX bond_list_issuer ON bond (issuer, changed_at, number);
CREATE INDEX bond_list_issuer_state ON bond (issuer, state, changed_at, number);
CREATE INDEX bond_list_principal ON bond (principal, changed_at, issuer, number);
CREATE INDEX bond_list_obligee ON bond (obligee, changed_at, issuer, number);
