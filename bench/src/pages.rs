//! Pages over a history that `bench/bonds/pages` made: how long each takes from the request to the whole page, without a browser and
//! without the network.

use std::{io::Write as _, net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::Context as _;
use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::Request,
};
use bondhub::{
    assemble,
    console::{Address, Console, Identify, router},
    desk::DeskError,
    settings::Settings,
};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Role, SignedInBy, Viewer},
    event::{EventIdentity, Stamp},
    identifier::{PartyCode, ProcurementId},
    party::Language,
    procurement::{CaseFile, Fact, Lesson},
};
use tokio::time::Instant;
use tower::ServiceExt as _;

use crate::{database::Database, report::progress};

/// What is measured.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct Pages {
    /// The hub's settings, on the database that holds the history.
    #[arg(long)]
    config: PathBuf,
    /// The same database, for questions by `psql`.
    #[arg(long)]
    database: String,
    /// How often each page is asked for.
    #[arg(long, default_value_t = 15)]
    times: usize,
}

/// An issuer with 26,250 bonds of 1,050,000, a contractor with 210, an owner with 2,100.
const PARTIES: [&str; 3] = ["S07", "C0777", "O077"];
const OPERATOR: &str = "hub";

/// Who is signed in, by the value of the cookie.
struct Badges;

#[async_trait]
impl Identify for Badges {
    async fn viewer(&self, session: &str) -> Result<Option<Viewer>, DeskError> {
        Ok(viewer(session).ok())
    }
}

fn viewer(session: &str) -> anyhow::Result<Viewer> {
    let party = PARTIES.iter().find(|code| **code == session);
    let roles = party.map_or([Role::Auditor].into(), |_| {
        [Role::Clerk, Role::Signer].into()
    });
    Ok(Viewer {
        account: AccountName::parse(&format!("bench-{}", session.to_lowercase()))?,
        party: party.map(|code| PartyCode::parse(code)).transpose()?,
        roles,
        scopes: None,
        language: Language::Ja,
        zone: DEFAULT_ZONE.to_owned(),
        signed_in_by: SignedInBy::Password,
    })
}

impl Pages {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let database = Database(self.database.clone());
        progress("case files")?;
        database.rows(&case_files()?)?;
        // What autovacuum does within a minute: each case was written anew.
        database.rows("VACUUM ANALYZE procurement_case")?;
        let settings = Settings::load(Some(&self.config), std::iter::empty())?;
        let desk = assemble::desk(&settings).await?;
        let address = Address {
            origin: None,
            upload_max_bytes: 1 << 20,
        };
        let console = Console::new(desk, Arc::new(Badges), address)?;
        let pages: Router = router(&Arc::new(console));
        for (who, path) in asked(&database)? {
            self.time(&pages, &who, &path).await?;
        }
        Ok(())
    }

    async fn time(&self, pages: &Router, who: &str, path: &str) -> anyhow::Result<()> {
        let mut times = Vec::with_capacity(self.times);
        let mut bytes = 0;
        for _ in 0..self.times {
            let begun = Instant::now();
            let answer = pages.clone().oneshot(request(who, path)?).await?;
            let status = answer.status();
            let body = to_bytes(answer.into_body(), 64 << 20).await?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
            let text = String::from_utf8_lossy(&body);
            anyhow::ensure!(status.is_success(), "{who} {path}: {status} {text}");
            bytes = body.len();
        }
        times.sort_by(f64::total_cmp);
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        let worst = times.last().copied().unwrap_or_default();
        writeln!(
            std::io::stdout(),
            "{:<40} {median:>8.1} {worst:>8.1} ms {bytes:>9} bytes",
            format!("{who} {path}")
        )?;
        Ok(())
    }
}

fn request(who: &str, path: &str) -> anyhow::Result<Request<Body>> {
    let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 40_000)));
    Ok(Request::get(path)
        .header("host", "localhost")
        .header("cookie", format!("bondhub-session={who}"))
        .extension(peer)
        .body(Body::empty())?)
}

/// Every list a party has, filtered and not, the newest bond and case of it, and its figures.
fn asked(database: &Database) -> anyhow::Result<Vec<(String, String)>> {
    let mut asked = Vec::new();
    for code in PARTIES {
        let column = match code.chars().next() {
            Some('S') => "issuer",
            Some('C') => "principal",
            _ => "obligee",
        };
        let newest = format!(
            "SELECT issuer, number FROM bond WHERE {column} = '{code}' ORDER BY changed_at DESC, number DESC LIMIT 1"
        );
        let rows = database.rows(&newest)?;
        let row = rows.first().context("the history has no such party")?;
        let [issuer, number] = row.as_slice() else {
            anyhow::bail!("two columns were asked for");
        };
        let mut paths = [
            "/",
            "/bonds",
            "/bonds?state=in_force",
            "/bonds?state=claimed",
            "/bonds?kind=bid",
            "/to-do",
            "/open",
            "/verify",
            "/certificates",
            "/balances",
            "/balances?as_of=2022-11-25",
            "/balances?as_of=2027-03-31",
        ]
        .map(str::to_owned)
        .to_vec();
        paths.push(format!("/bonds/{issuer}/{number}"));
        paths.push(format!("/my-key/{issuer}/{number}"));
        match column {
            "issuer" => {
                let own = ["/bonds?order=number", "/paper", "/sign", "/register"];
                paths.extend(own.map(str::to_owned));
                paths.push(format!("/register/prepare?number={number}"));
            }
            "obligee" => {
                let case = database.value(&newest_case(code))?;
                let found = ["/cases", "/cases?case=nowhere"].map(str::to_owned);
                paths.extend(found);
                paths.push(format!("/cases/{case}"));
            }
            _ => {}
        }
        asked.extend(paths.into_iter().map(|path| (code.to_owned(), path)));
    }
    let operators = [
        "/cases",
        "/cases?case=123",
        "/cases?case=nowhere",
        "/balances",
        "/balances?as_of=2022-11-25",
        "/balances?as_of=2027-03-31",
    ];
    for path in operators {
        asked.push((OPERATOR.to_owned(), path.to_owned()));
    }
    Ok(asked)
}

/// The case of an owner that changed last: its bonds may be of other cases, and its case may have bonds towards others.
fn newest_case(owner: &str) -> String {
    format!(
        "SELECT id FROM procurement_case WHERE owner = '{owner}' ORDER BY changed_at DESC, id DESC LIMIT 1"
    )
}

/// Gives every case a file as the hub writes it: an owner and a title.
fn case_files() -> anyhow::Result<String> {
    let (case, owner) = ("P-TEMPLATE", "OTEMPLATE");
    let mut file = CaseFile::new(ProcurementId::parse(case)?);
    let stamp = Stamp {
        time: "2026-04-01T00:00:00Z".parse()?,
        sequence: 0,
        event: EventIdentity {
            id: "t-1".to_owned(),
            source: "/bench".to_owned(),
        },
    };
    let facts = vec![
        Fact::Owner(PartyCode::parse(owner)?),
        Fact::Title("市道1号線 舗装改良工事".into()),
    ];
    file.learn(&Lesson { stamp, facts })?;
    let template = serde_json::to_string(&file)?.replace('\'', "''");
    Ok(format!(
        "UPDATE procurement_case SET state = replace(replace('{template}', '{case}', id), '{owner}', owner)"
    ))
}
