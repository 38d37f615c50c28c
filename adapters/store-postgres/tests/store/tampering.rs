//! The audit log in the hands of somebody with write access to the database (R70, R71).

use bondhub_store::conformance::{
    Database as _,
    audit::{TAMPERINGS, tampering_is_found},
};

use crate::{database::Scratch, schema::sql};

const UNGUARDED: &str = "ALTER TABLE audit_entry DISABLE TRIGGER USER; \
     ALTER TABLE audit_detail DISABLE TRIGGER USER";

#[tokio::test]
async fn whatever_is_done_to_the_audit_log_in_the_database_is_found() {
    for tampering in TAMPERINGS {
        let database = Scratch::create().await;
        let store = database.open().await;
        let tamper = async |text: &str| {
            let text = format!("{UNGUARDED}; {text}");
            assert_eq!(sql(&database, &text).await, None, "{text}");
        };
        tampering_is_found(&store, tampering, tamper).await;
        database.destroy().await;
    }
}

#[tokio::test]
async fn the_audit_log_cannot_be_rewritten_even_by_sql() {
    let database = Scratch::create().await;
    let rows = "INSERT INTO audit_entry VALUES (1, now(), '', '{}', '\\x00'); \
         INSERT INTO audit_detail VALUES (1, '\\x00', '{}'); \
         INSERT INTO audit_signed_head VALUES ('2026-04-01', 1, sha256('a'), now(), '')";
    assert_eq!(sql(&database, rows).await, None);
    for refused in [
        "UPDATE audit_entry SET entry = ''",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE audit_detail SET content = ''",
        "UPDATE audit_signed_head SET sequence = 2",
        "DELETE FROM audit_signed_head",
        "TRUNCATE audit_signed_head",
        "DELETE FROM audit_head",
    ] {
        let code = sql(&database, refused).await;
        assert_eq!(code.as_deref(), Some("P0001"), "{refused}");
    }
    assert_eq!(sql(&database, "DELETE FROM audit_detail").await, None);
    database.destroy().await;
}

#[tokio::test]
async fn the_role_that_runs_the_hub_appends_to_the_audit_log_by_its_function_alone() {
    let database = Scratch::create().await;
    for forbidden in [
        "INSERT INTO audit_entry VALUES (1, now(), '', '{}', '\\x00')",
        "INSERT INTO audit_detail VALUES (1, '\\x00', '{}')",
        "UPDATE audit_head SET sequence = 7",
        "UPDATE audit_entry SET entry = ''",
        "DELETE FROM audit_signed_head",
        "ALTER TABLE audit_entry DISABLE TRIGGER append_only",
    ] {
        let text = format!("SET ROLE bondhub_test_run; {forbidden}");
        let code = sql(&database, &text).await;
        assert_eq!(code.as_deref(), Some("42501"), "{forbidden}");
    }
    database.destroy().await;
}

/// R71: a role that may call the function may not choose which head it moves.
#[tokio::test]
async fn a_temporary_table_in_the_way_does_not_keep_an_entry_off_the_chain() {
    let database = Scratch::create().await;
    let shadowed = "SET ROLE bondhub_test_run; \
         CREATE TEMPORARY TABLE audit_head AS SELECT 1 AS one, 0::bigint AS sequence, sha256('x') AS hash; \
         CREATE TEMPORARY TABLE audit_entry (LIKE public.audit_entry); \
         SELECT audit_append(ARRAY['{'], ARRAY['}'], ARRAY[NULL::text], ARRAY[now()], ARRAY['x'])";
    assert_eq!(sql(&database, shadowed).await, None);
    let head = database.open().await.audit_head().await.unwrap();
    assert_eq!(head.sequence, 1, "the real head moved");
    database.destroy().await;
}
