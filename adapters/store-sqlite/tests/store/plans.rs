//! How rows are found that are asked for once for each row of a long list: in time that does not grow with what is there.

use bondhub_store::conformance::Database as _;
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};
use tempfile::TempDir;

use crate::File;

#[tokio::test]
async fn each_row_of_a_list_of_paper_bonds_is_compared_through_an_index() {
    let file = File {
        directory: TempDir::new().unwrap(),
    };
    file.open().await;
    let path = file.directory.path().join("bondhub.db");
    let url = format!("sqlite:{}", path.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    for (query, by) in [
        (
            include_str!("../../queries/paper_number.sql"),
            "(list=? AND number=?)",
        ),
        (
            include_str!("../../queries/paper_guarantee.sql"),
            "(list=? AND guarantee=?)",
        ),
        (
            include_str!("../../queries/paper_bond.sql"),
            "(issuer=? AND guarantee=?)",
        ),
    ] {
        let explain = format!("EXPLAIN QUERY PLAN {query}");
        let steps = sqlx::query(AssertSqlSafe(explain))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let plan: Vec<String> = steps.iter().map(|step| step.get("detail")).collect();
        assert!(plan[0].contains(by), "{plan:?} of {query}");
    }
}
