-- What the role that runs the hub may do, and no more. Run it as the role that owns the tables, after
-- every `bondhub migrate`; running it again changes nothing.
--
-- bondhub_run reads everything, adds, changes what has a state, and deletes only what a case waits
-- for, what somebody signed in with, notes of movements that the sums contain by then, and copies of movements whose embargo ends at another time. It cannot rewrite signed documents, bonds' versions, standing instructions or the ledger, and
-- it cannot change the schema.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM bondhub_run;
GRANT USAGE ON SCHEMA public TO bondhub_run;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO bondhub_run;
GRANT INSERT ON
    party, openpgp_certificate, signing_certificate, instruction, procurement_case, case_wait, event,
    document, bond, bond_version, bond_key, task, movement, movement_new, balance_month,
    liability_consent, liability_limit, outbox, look, early_grant,
    account, account_code, passkey, sign_in_session, sign_in_challenge, api_token,
    signing_request, data_key, attachment, copy
    TO bondhub_run;
GRANT UPDATE ON
    book, party, openpgp_certificate, signing_certificate, procurement_case, event, bond, bond_key,
    task, balance_month, balance_horizon, outbox, early_grant, account, account_code, passkey, sign_in_session, api_token,
    signing_request, data_key
    TO bondhub_run;
-- Another master key: what lies under the old one directly is sealed anew. The table's trigger lets
-- nothing else of a document change.
GRANT UPDATE (sealed) ON document TO bondhub_run;
-- The audit log is appended to by its function alone; what stands beside it may be purged.
GRANT EXECUTE ON FUNCTION audit_append(text[], text[], text[], timestamptz[], text[]) TO bondhub_run;
GRANT INSERT ON audit_signed_head TO bondhub_run;
GRANT DELETE ON audit_detail TO bondhub_run;
GRANT DELETE ON case_wait, movement_new, account_code, passkey, sign_in_session, sign_in_challenge TO bondhub_run;

-- Enrolments wait, are tried, replaced and ended; warnings are only added.
GRANT INSERT, UPDATE, DELETE ON enrolment TO bondhub_run;
GRANT INSERT ON certificate_warning TO bondhub_run;

-- Lists of paper bonds are noted, accepted, taken, and gone.
GRANT INSERT, UPDATE, DELETE ON paper_list, paper_row TO bondhub_run;

-- Copies of what may be under embargo follow the ledger and the bonds, by triggers.
GRANT INSERT, DELETE ON movement_sealed TO bondhub_run;

-- What stands of bonds is kept to be quick, and when it ends.
GRANT INSERT, UPDATE, DELETE ON bond_standing TO bondhub_run;
GRANT INSERT, DELETE ON ending_month, bond_moved TO bondhub_run;

-- Limits are noticed to be exceeded, and to be kept again.
GRANT INSERT, DELETE ON limit_exceeded TO bondhub_run;
