//! One small ledger, asked by command and over HTTP: the same figures, and those that were worked out by hand (R40 to R43).

use bondhub_core::account::Role as Office;
use serde_json::Value;

use super::*;
use crate::{
    api::head,
    http::{Answer, Server},
};

/// 100 and 7 of one contractor, 50 of another from June on, 40 with another issuer from September on.
const LIST: &str = "number,kind,instrument,contractor,owner,contract,amount,currency,from,to\r\n\
    P-1,performance,insurance,C101,O001,K-1,100,JPY,2026-04-01,2027-03-31\r\n\
    P-2,performance,insurance,C102,O001,K-2,50,JPY,2026-06-15,2027-06-30\r\n\
    P-3,performance,insurance,C101,O001,K-3,7,USD,2026-04-01,2027-03-31\r\n";
const OTHERS: &str = "number,kind,instrument,contractor,owner,contract,amount,currency,from,to\r\n\
    Q-1,performance,insurance,C101,O001,K-4,40,JPY,2026-09-01,2027-09-30\r\n";

/// Whom a sum is of, minor units, currency, bonds.
type Sum = (String, i64, String, u64);

/// A hub that is asked in both ways.
struct Both {
    server: Server,
    issuer: String,
    contractor: String,
    auditor: String,
}

impl Both {
    async fn ask(&self, head: &str, method: &str, path: &str, body: &[u8]) -> Answer {
        let kind = match body.first() {
            Some(b'{') => "application/json",
            _ => "application/octet-stream",
        };
        let head = format!("{head}Content-Type: {kind}\r\n");
        let path = format!("/api/v1{path}");
        self.server.ask(method, &path, &head, body).await
    }

    async fn items(&self, head: &str, path: &str) -> Vec<Value> {
        let answer = self.ask(head, "GET", path, b"").await;
        assert_eq!(answer.status, 200, "{path} {}", answer.body);
        answer.json()["items"].as_array().unwrap().clone()
    }

    fn command(&self, line: &str) -> Value {
        let words: Vec<_> = line.split(' ').collect();
        let folder = self.server.world.folder();
        let output = bondhub(
            folder,
            &[&["--output", "json", "balance"], &words[..]].concat(),
        );
        assert!(output.status.success(), "{line}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The sums a command prints and those an operation answers are these.
    async fn are(&self, line: &str, path: &str, expected: &[(&str, i64, &str, u64)]) {
        let expected: Vec<Sum> = expected
            .iter()
            .map(|(of, amount, currency, bonds)| {
                ((*of).to_owned(), *amount, (*currency).to_owned(), *bonds)
            })
            .collect();
        let printed = self.command(line);
        assert_eq!(sums(printed.as_array().unwrap()), expected, "{line}");
        let answered = self.items(&self.auditor, path).await;
        assert_eq!(sums(&answered), expected, "{path}");
    }
}

/// Sums as either way writes them; of a series with their day before them, of expiries with their month.
fn sums(rows: &[Value]) -> Vec<Sum> {
    let sum = |row: &Value| {
        let of = row["of"]
            .as_str()
            .filter(|of| *of != "total")
            .unwrap_or_default();
        let day = row["day"]
            .as_str()
            .or(row["as_of"].as_str())
            .unwrap_or_default();
        let month = row["month"].as_str().map(|month| &month[..7]);
        let name = match (month, of) {
            (Some(month), _) => month.to_owned(),
            (None, "") => day.to_owned(),
            (None, of) => of.to_owned(),
        };
        let currency = row["currency"].as_str().unwrap().to_owned();
        let bonds = row["bonds"].as_u64().unwrap();
        (name, row["amount"].as_i64().unwrap(), currency, bonds)
    };
    rows.iter().map(sum).collect()
}

async fn begin(on: crate::harness::combination::Combination) -> Both {
    let server = Server::start(on, None).await;
    let world = &server.world;
    let other = party("S002", Role::Issuer, Language::Ja);
    world.desk.put_party(&other).await.unwrap();
    let both = Both {
        issuer: head(world, "issuer", Office::Clerk, Some(ISSUER)).await,
        contractor: head(world, "contractor", Office::Clerk, Some(WINNER)).await,
        auditor: head(world, "auditor", Office::Auditor, None).await,
        server,
    };
    let other = head(&both.server.world, "other", Office::Clerk, Some("S002")).await;
    imported(&both).await;
    let path = "/paper-bonds/S002/import";
    let taken = both.ask(&other, "POST", path, OTHERS.as_bytes()).await;
    assert_eq!(taken.json()["added"], 1, "{}", taken.body);
    both
}

/// A list is tried, kept out for one bad row, and taken; another issuer's account enters none.
async fn imported(both: &Both) {
    let path = "/paper-bonds/S001/import";
    let send = async |query: &str, list: &str| {
        let path = format!("{path}{query}");
        both.ask(&both.issuer, "POST", &path, list.as_bytes())
            .await
            .json()
    };
    let tried = send("?dry_run=true", LIST).await;
    assert_eq!(
        (&tried["added"], &tried["written"]),
        (&json!(3), &json!(false))
    );
    let faulty = send("", &LIST.replace("C102", "C404")).await;
    assert_eq!(
        (&faulty["faulty"], &faulty["written"]),
        (&json!(1), &json!(false))
    );
    let place = &faulty["faults"][0];
    assert_eq!(
        (&place["line"], &place["name"]),
        (&json!(3), &json!("contractor"))
    );
    assert_eq!(
        both.command("--as-of 2026-12-31"),
        json!([]),
        "nothing is half-done"
    );
    let taken = send("", LIST).await;
    assert_eq!(
        (&taken["added"], &taken["written"]),
        (&json!(3), &json!(true))
    );
    let again = send("", LIST).await;
    assert_eq!(
        (&again["unchanged"], &again["written"]),
        (&json!(3), &json!(false))
    );
    let strange = both.ask(&both.contractor, "POST", path, LIST.as_bytes());
    strange.await.problem(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_api_tell_the_figures_that_were_worked_out_by_hand() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let both = begin(on).await;
        sums_are(&both).await;
        series_are(&both).await;
        let folded = both.command("snapshot");
        assert!(folded.is_object(), "{folded}");
        sums_are(&both).await;
        series_are(&both).await;
        limits_are(&both).await;
        consents_are(&both).await;
    }
}

async fn sums_are(both: &Both) {
    let day = "2026-12-31";
    let all = [(day, 190, "JPY", 3), (day, 7, "USD", 1)];
    let printed = both.command(&format!("--as-of {day}"));
    let expected = all
        .map(|(of, amount, currency, bonds)| (of.to_owned(), amount, currency.to_owned(), bonds));
    assert_eq!(sums(printed.as_array().unwrap()), expected);
    let answered = both
        .items(&both.auditor, &format!("/balances?as_of={day}"))
        .await;
    let answered: Vec<_> = answered
        .iter()
        .map(|row| (row["amount"].as_i64(), row["bonds"].as_u64()))
        .collect();
    assert_eq!(answered, [(Some(190), Some(3)), (Some(7), Some(1))]);
    both.are(
        &format!("--as-of {day} --by issuer"),
        &format!("/balances?as_of={day}&by=issuer"),
        &[
            ("S001", 150, "JPY", 2),
            ("S001", 7, "USD", 1),
            ("S002", 40, "JPY", 1),
        ],
    )
    .await;
    both.are(
        "--as-of 2026-06-14 --by contractor --owner O001",
        "/balances?as_of=2026-06-14&by=contractor&owner=O001",
        &[("C101", 100, "JPY", 1), ("C101", 7, "USD", 1)],
    )
    .await;
    let yesterday = both.server.world.desk.today().pred_opt().unwrap();
    both.are(
        &format!("--as-of {day} --by issuer --known-on {yesterday}"),
        &format!("/balances?as_of={day}&by=issuer&known_on={yesterday}"),
        &[],
    )
    .await;
    both.are(
        &format!("expiries --as-of {day} --issuer S001"),
        &format!("/balances/expiries?as_of={day}&issuer=S001"),
        &[
            ("2027-03", 100, "JPY", 1),
            ("2027-03", 7, "USD", 1),
            ("2027-06", 50, "JPY", 1),
        ],
    )
    .await;
    both.command(&format!("--as-of {day} --by issuer --csv figures.csv"));
    let file = both.server.world.folder().join("figures.csv");
    let sheet = std::fs::read_to_string(file).unwrap();
    let mut lines = sheet.trim_start_matches('\u{feff}').lines();
    let names: Vec<_> = lines.next().unwrap().split(',').collect();
    let place = |name: &str| names.iter().position(|one| *one == name).unwrap();
    let cells: Vec<(String, String)> = lines
        .map(|line| {
            let cells: Vec<_> = line.split(',').map(|cell| cell.trim_matches('"')).collect();
            (
                cells[place("of")].to_owned(),
                cells[place("amount")].to_owned(),
            )
        })
        .collect();
    let expected = [("S001", "150"), ("S001", "7"), ("S002", "40")];
    assert_eq!(
        cells,
        expected.map(|(of, amount)| (of.to_owned(), amount.to_owned()))
    );
}

async fn series_are(both: &Both) {
    both.are(
        "series --from 2026-05-10 --to 2026-07-31 --step month --issuer S001",
        "/balances/series?from=2026-05-10&to=2026-07-31&step=month&issuer=S001",
        &[
            ("2026-05-31", 100, "JPY", 1),
            ("2026-05-31", 7, "USD", 1),
            ("2026-06-30", 150, "JPY", 2),
            ("2026-06-30", 7, "USD", 1),
            ("2026-07-31", 150, "JPY", 2),
            ("2026-07-31", 7, "USD", 1),
        ],
    )
    .await;
    both.are(
        "series --from 2026-08-31 --to 2026-09-02 --step day --contractor C101",
        "/balances/series?from=2026-08-31&to=2026-09-02&step=day&contractor=C101",
        &[
            ("2026-08-31", 100, "JPY", 1),
            ("2026-08-31", 7, "USD", 1),
            ("2026-09-01", 140, "JPY", 2),
            ("2026-09-01", 7, "USD", 1),
            ("2026-09-02", 140, "JPY", 2),
            ("2026-09-02", 7, "USD", 1),
        ],
    )
    .await;
}

/// Set by command and over HTTP, shown by both; what is outstanding counts today.
async fn limits_are(both: &Both) {
    let shown = async || {
        let row = |row: &Value| {
            let number = |name: &str| row[name].as_i64().unwrap();
            (
                number("limit"),
                number("outstanding"),
                row["exceeded"].as_bool().unwrap(),
            )
        };
        let printed = both.command("limit --issuer S001");
        let printed: Vec<_> = printed.as_array().unwrap().iter().map(row).collect();
        let answered = both.items(&both.issuer, "/limits/S001").await;
        assert_eq!(printed, answered.iter().map(row).collect::<Vec<_>>());
        printed
    };
    both.command("limit --issuer S001 --contractor C101 --amount 100");
    assert_eq!(shown().await, [(100, 100, false)]);
    let lower = br#"{"currency": "JPY", "amount": 99}"#;
    let set = both
        .ask(&both.issuer, "PUT", "/limits/S001/C101", lower)
        .await;
    assert_eq!(set.status, 204, "{}", set.body);
    assert_eq!(shown().await, [(99, 100, true)]);
    let strange = both.ask(&both.contractor, "PUT", "/limits/S001/C101", lower);
    strange.await.problem(404);
    both.command("limit --issuer S001 --contractor C101 --lift");
    assert_eq!(shown().await, []);
}

/// An issuer sees what a contractor has outstanding with all of them while that one agrees.
async fn consents_are(both: &Both) {
    let across = "/balances?contractor=C101&as_of=2026-12-31";
    both.ask(&both.issuer, "GET", across, b"")
        .await
        .problem(422);
    both.command("consent C101 --give");
    let seen = both.items(&both.issuer, across).await;
    assert_eq!(seen[0]["amount"], 140, "{seen:?}");
    let path = "/consents/C101";
    let said = both.ask(&both.contractor, "PUT", path, br#"{"given": false}"#);
    assert_eq!(said.await.status, 204);
    both.ask(&both.issuer, "GET", across, b"")
        .await
        .problem(422);
    both.ask(&both.issuer, "GET", path, b"").await.problem(404);
    let given = |rows: &[Value]| -> Vec<bool> {
        rows.iter()
            .map(|row| row["given"].as_bool().unwrap())
            .collect()
    };
    let printed = both.command("consent C101");
    assert_eq!(
        given(printed.as_array().unwrap()),
        [false, true],
        "the last word first"
    );
    let answered = both.items(&both.contractor, path).await;
    assert_eq!(given(&answered), [false, true]);
    assert_eq!(answered[0]["said_by"], "contractor");
}
