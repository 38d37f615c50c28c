//! What is outstanding of each bond, as each account is told it (R40, R43, R21).

use bondhub_core::party::Role as PartyRole;

use super::*;
use crate::harness::{
    cast::{self, ISSUER},
    papers::at,
};

/// The accounts, by what they are called here.
struct Tellers<'a> {
    server: &'a Server,
    heads: BTreeMap<&'static str, String>,
}

impl<'a> Tellers<'a> {
    async fn of(server: &'a Server) -> Self {
        let other = cast::party("S002", PartyRole::Issuer, Language::En);
        server.world.desk.put_party(&other).await.unwrap();
        let mut heads = BTreeMap::new();
        for (name, role, party) in [
            ("issuer", Role::Clerk, Some(ISSUER)),
            ("other", Role::Clerk, Some("S002")),
            ("contractor", Role::Clerk, Some(WINNER)),
            ("owner", Role::Clerk, Some(OWNER)),
            ("auditor", Role::Auditor, None),
            ("operator", Role::Operator, None),
            ("signer", Role::Signer, Some(ISSUER)),
        ] {
            heads.insert(name, head(&server.world, name, role, party).await);
        }
        Self { server, heads }
    }

    async fn ask(&self, who: &str, method: &str, path: &str, body: &Value) -> crate::http::Answer {
        let head = format!("{}Content-Type: application/json\r\n", self.heads[who]);
        let body = serde_json::to_vec(body).unwrap();
        let path = format!("/api/v1{path}");
        self.server.ask(method, &path, &head, &body).await
    }

    /// The bonds with their amounts, and what the next page begins after.
    async fn bonds(&self, who: &str, query: &str) -> (Vec<(String, i64)>, Option<String>) {
        let path = format!("/balances/bonds?{query}");
        let answer = self.ask(who, "GET", &path, &Value::Null).await;
        assert_eq!(answer.status, 200, "{who} {query} {}", answer.body);
        let page = answer.json();
        let row = |one: &Value| {
            let bond = one["bond"].as_str().unwrap().to_owned();
            (bond, one["amount"].as_i64().unwrap())
        };
        let rows = page["items"].as_array().unwrap().iter().map(row);
        (rows.collect(), page["next"].as_str().map(str::to_owned))
    }

    async fn refused(&self, who: &str, query: &str, status: u16) {
        let path = format!("/balances/bonds?{query}");
        self.ask(who, "GET", &path, &Value::Null)
            .await
            .problem(status);
    }
}

fn rows(rows: &[(&str, i64)]) -> Vec<(String, i64)> {
    let row = |(number, amount): &(&str, i64)| (format!("{ISSUER}/{number}"), *amount);
    rows.iter().map(row).collect()
}

const ALL: [(&str, i64); 3] = [("B-1", 6_000_000), ("B-2", 6_200_000), ("P-1", 500)];

pub(super) async fn bond_by_bond(on: Combination) {
    let server = Server::start(on, Some(TOKEN)).await;
    let tellers = Tellers::of(&server).await;
    let world = &server.world;
    let now = world.now();
    let opening = tender(now + TimeDelta::hours(1));
    let bid = |number, contractor, amount| {
        let terms = bond(CASE, "bid", contractor, amount);
        world.signed(registration(number, terms, now))
    };
    let events = [
        event(CASE, "t-1", "tender.announced", now, opening),
        bid("B-1", WINNER, 6_000_000),
        bid("B-2", LOSER, 6_200_000),
    ];
    world.play(&events, 3).await;
    let paper = json!({"number": "P-1", "kind": "performance", "instrument": "insurance",
                       "contractor": WINNER, "owner": OWNER, "amount": 500,
                       "from": "2026-04-01", "to": "2027-03-31"});
    let path = format!("/paper-bonds/{ISSUER}");
    let entered = tellers.ask("issuer", "POST", &path, &paper).await;
    assert_eq!(entered.json()["added"], 1, "{}", entered.body);
    to_each_its_own(&tellers).await;
    page_by_page(&tellers).await;
    to_an_owner_after_the_opening(&tellers).await;
}

async fn to_each_its_own(tellers: &Tellers<'_>) {
    let all = (rows(&ALL), None);
    assert_eq!(tellers.bonds("issuer", "issuer=S001").await, all);
    // R21: nobody who runs the hub has a list of bidders before the opening.
    let opened = (rows(&[ALL[2]]), None);
    for who in ["auditor", "operator"] {
        assert_eq!(tellers.bonds(who, "").await, opened, "{who}");
    }
    let own = (rows(&[ALL[0], ALL[2]]), None);
    assert_eq!(tellers.bonds("contractor", "contractor=C101").await, own);
    assert_eq!(tellers.bonds("other", "issuer=S002").await, (vec![], None));
    for (who, query) in [
        ("other", "issuer=S001"),
        ("other", "contractor=C101"),
        ("other", ""),
        ("issuer", "contractor=C101"),
        ("contractor", "contractor=C102"),
        ("contractor", "issuer=S001"),
        ("owner", "issuer=S001"),
        ("owner", "contractor=C101"),
    ] {
        tellers.refused(who, query, 422).await;
    }
    tellers.refused("signer", "", 403).await;
    tellers.refused("auditor", "after=x", 400).await;
    tellers.refused("auditor", "limit=0", 400).await;
    tellers.refused("auditor", "as_of=yesterday", 400).await;
}

async fn page_by_page(tellers: &Tellers<'_>) {
    let (mut seen, mut after) = (Vec::new(), String::new());
    for _ in 0..3 {
        let query = format!("issuer=S001&limit=1{after}");
        let (page, next) = tellers.bonds("issuer", &query).await;
        assert_eq!(page.len(), 1);
        seen.extend(page);
        after = next.map_or_else(String::new, |next| {
            format!("&after={}", next.replace('/', "%2F"))
        });
    }
    assert_eq!(
        (seen, after.as_str()),
        (rows(&ALL), ""),
        "the last page says so"
    );
    let today = tellers.server.world.desk.today();
    let yesterday = today.pred_opt().unwrap();
    let known = format!("known_on={yesterday}");
    let nothing = (vec![], None);
    assert_eq!(
        tellers.bonds("auditor", &known).await,
        nothing,
        "nothing was known"
    );
    let before = tellers.bonds("auditor", "as_of=2026-03-31").await;
    assert_eq!(before, nothing, "nobody was bound yet");
}

async fn to_an_owner_after_the_opening(tellers: &Tellers<'_>) {
    let before = (rows(&ALL[2..]), None);
    assert_eq!(tellers.bonds("owner", "owner=O001").await, before);
    let page = tellers.bonds("owner", "owner=O001&limit=1").await;
    assert_eq!(
        page, before,
        "what is left out makes room for what comes after it"
    );
    let world = &tellers.server.world;
    let earlier = world.now() - TimeDelta::seconds(1);
    let forward = event(CASE, "t-2", "tender.changed", world.now(), tender(earlier));
    let taken = world.taken().await;
    world.play(&[forward], taken + 1).await;
    assert_eq!(tellers.bonds("owner", "owner=O001").await, before, "E2");
    let path = format!("/cases/{CASE}/openings/confirm");
    let body = json!({"scope": "tender", "opening_at": at(earlier)});
    let confirmed = tellers.ask("owner", "POST", &path, &body).await;
    assert_eq!(confirmed.json()["state"], "applied", "{}", confirmed.body);
    assert_eq!(
        tellers.bonds("owner", "owner=O001").await,
        (rows(&ALL), None)
    );
    assert_eq!(tellers.bonds("auditor", "").await, (rows(&ALL), None));
    let path = "/balances/bonds?owner=O001&limit=1";
    let shown = tellers.ask("owner", "GET", path, &Value::Null).await.json();
    assert_eq!(shown["next"], "S001/B-1");
    let first = &shown["items"][0];
    assert_eq!(
        (&first["contractor"], &first["owner"]),
        (&json!(WINNER), &json!(OWNER))
    );
    assert_eq!(
        (&first["currency"], &first["state"]),
        (&json!("JPY"), &json!("in_force"))
    );
    let period = json!({"from": "2026-04-01", "to": "2027-09-30"});
    assert_eq!(first["period"], period);
}
