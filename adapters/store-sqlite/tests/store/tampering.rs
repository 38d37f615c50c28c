//! The audit log in the hands of somebody with write access to the file (R70).

use bondhub_store::conformance::{
    Database as _,
    audit::{TAMPERINGS, tampering_is_found},
};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, SqliteConnection};
use tempfile::TempDir;

use crate::File;

pub(crate) async fn run(file: &File, sql: &str) -> Result<(), sqlx::Error> {
    let path = file.directory.path().join("bondhub.db");
    let url = format!("sqlite://{}", path.to_str().unwrap());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let outcome = connection.execute(AssertSqlSafe(sql.to_owned())).await;
    connection.close().await.unwrap();
    outcome.map(|_| ())
}

#[tokio::test]
async fn whatever_is_done_to_the_audit_log_in_the_file_is_found() {
    for tampering in TAMPERINGS {
        let file = File {
            directory: TempDir::new().unwrap(),
        };
        let store = file.open().await;
        let tamper = async |sql: &str| {
            let unguarded = format!(
                "DROP TRIGGER audit_entry_no_update; DROP TRIGGER audit_entry_no_delete; \
                 DROP TRIGGER audit_detail_no_update; {sql}"
            );
            run(&file, &unguarded).await.unwrap();
        };
        tampering_is_found(&store, tampering, tamper).await;
    }
}

#[tokio::test]
async fn the_audit_log_cannot_be_rewritten_even_by_sql() {
    let file = File {
        directory: TempDir::new().unwrap(),
    };
    file.open().await;
    let rows = "INSERT INTO audit_entry VALUES (1, 0, '', '{}', x'00'); \
         INSERT INTO audit_detail VALUES (1, x'00', '{}'); \
         INSERT INTO audit_signed_head VALUES ('2026-04-01', 1, zeroblob(32), 0, '')";
    run(&file, rows).await.unwrap();
    for refused in [
        "UPDATE audit_entry SET entry = ''",
        "DELETE FROM audit_entry",
        "UPDATE audit_detail SET content = ''",
        "UPDATE audit_signed_head SET sequence = 2",
        "DELETE FROM audit_signed_head",
        "DELETE FROM audit_head",
    ] {
        assert!(run(&file, refused).await.is_err(), "{refused}");
    }
    run(&file, "DELETE FROM audit_detail").await.unwrap();
}
