//! A hub whose clock can be moved on, its pages on a free port, and people who do their part on them: nothing comes by a feed.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bondhub::{
    console::{Address, Console, Identify, router},
    desk::DeskError,
};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Role, SignedInBy, Viewer},
    calendar::Timestamp,
    identifier::PartyCode,
    party::Language,
};
use chrono::{FixedOffset, TimeDelta};

use crate::{
    axe::audit,
    browser::{Browser, Scripts},
    harness::{
        cast::{ISSUER, LOSER, OWNER, WINNER},
        combination::SQLITE_SPOOL,
        papers::CASE,
        world::World,
    },
};

/// Who is signed in, by the value of the cookie: signing in is told by another story.
struct Badges(Mutex<BTreeMap<String, Viewer>>);

#[async_trait]
impl Identify for Badges {
    async fn viewer(&self, session: &str) -> Result<Option<Viewer>, DeskError> {
        Ok(self.0.lock().unwrap().get(session).cloned())
    }
}

/// Where a story is told.
pub(crate) struct Stage<'a> {
    pub(crate) world: World,
    pub(crate) browser: &'a Browser,
    origin: String,
}

impl<'a> Stage<'a> {
    /// Opens it; each party has a clerk named after it.
    pub(crate) async fn open(browser: &'a Browser) -> Self {
        let mut world = World::set(SQLITE_SPOOL, "").await;
        world.open().await;
        let badges = [ISSUER, WINNER, LOSER, OWNER].map(|code| (code.to_owned(), clerk(code)));
        let badges = Arc::new(Badges(Mutex::new(badges.into())));
        let address = Address {
            origin: None,
            upload_max_bytes: 1 << 20,
        };
        let console = Console::new(Arc::clone(&world.desk), badges, address).unwrap();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let port = listener.local_addr().unwrap().port();
        let pages = router::<()>(&Arc::new(console));
        let pages = pages.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, pages).await });
        let origin = format!("http://localhost:{port}");
        browser.go(&origin).await;
        Self {
            world,
            browser,
            origin,
        }
    }

    /// From here on the browser is that of a party's clerk.
    pub(crate) async fn as_clerk_of(&self, party: &str) {
        self.browser.plant("bondhub-session", party).await;
    }

    /// Opens a page and looks at its accessibility.
    pub(crate) async fn visit(&self, path: &str) {
        self.browser.go(&format!("{}{path}", self.origin)).await;
        self.look().await;
    }

    /// Looks at the accessibility of the page that is open, where the script that does it can run.
    pub(crate) async fn look(&self) {
        if self.browser.scripts() == Scripts::Blocked {
            return;
        }
        let path = self.browser.path().await;
        audit(self.browser, &path).await;
    }

    /// Follows a link, or sends a form, and looks at the page it leads to.
    pub(crate) async fn follow(&self, selector: &str) {
        self.browser.submit(selector).await;
        self.look().await;
    }

    /// What can be read on the page must say this.
    pub(crate) async fn reads(&self, text: &str) {
        let body = self.browser.body().await;
        assert!(body.contains(text), "no `{text}` in:\n{body}");
    }

    /// And must not say this.
    pub(crate) async fn hides(&self, text: &str) {
        let body = self.browser.body().await;
        assert!(!body.contains(text), "`{text}` in:\n{body}");
    }

    /// Fills in fields by their ids.
    pub(crate) async fn enter(&self, fields: &[(&str, &str)]) {
        for (id, value) in fields {
            self.browser.set(&format!("#{id}"), value).await;
        }
    }

    /// The owner reports an act from its case: the form, what it would do, the word.
    pub(crate) async fn report(&self, act: &str, fields: &[(&str, &str)], effects: &[&str]) {
        self.as_clerk_of(OWNER).await;
        self.visit(&format!("/cases/{CASE}")).await;
        self.follow(act).await;
        self.confirm(fields, effects).await;
    }

    /// Fills in the form of an act that is open, sees what it would do, and confirms it.
    pub(crate) async fn confirm(&self, fields: &[(&str, &str)], effects: &[&str]) {
        self.enter(fields).await;
        self.follow("#rehearse").await;
        for effect in effects {
            self.reads(effect).await;
        }
        self.follow("#confirm").await;
        self.reads("Reported: ").await;
        self.settles().await;
    }

    /// The issuer fills in the form that is open, signs the document at its desk with the command the page gives, and hands it in.
    pub(crate) async fn sign_and_send(&self, fields: &[(&str, &str)]) {
        self.enter(fields).await;
        self.follow("#prepare").await;
        let command = self.browser.find("#command").await.text().await;
        let words: Vec<&str> = command.split_whitespace().collect();
        let (document, signed) = (words[3], words[7]);
        self.browser.download("#download", document).await;
        self.sign(&words);
        self.visit("/register").await;
        let signed = self.browser.downloads().join(signed);
        self.browser.attach("#document", &signed).await;
        self.follow("#register").await;
        self.reads("Taken.").await;
        self.settles().await;
    }

    /// Runs what the page says, with the issuer's own key.
    fn sign(&self, words: &[&str]) {
        let folder = self.browser.downloads();
        self.make_pkcs12(&folder);
        let output = Command::new(env!("CARGO_BIN_EXE_bondhub"))
            .arg("--config")
            .arg(self.world.config())
            .args(&words[1..])
            .current_dir(folder)
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {error}");
    }

    /// The issuer's key as the page's command names it: PKCS#12, here without a password.
    fn make_pkcs12(&self, folder: &Path) {
        std::fs::write(folder.join("issuer.pem"), &self.world.cast.issuer.key_pem).unwrap();
        let made = Command::new("openssl")
            .args(["pkcs12", "-export", "-passout", "pass:"])
            .args(["-in", "issuer.pem", "-out", "issuer.p12"])
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
    }

    /// The live key that a party got by mail, as a file on its disk.
    pub(crate) async fn key_by_mail(&self, party: &str, bond: &str) -> PathBuf {
        let key = self.world.live_key(party, bond).await;
        self.keep(party, bond, &key)
    }

    fn keep(&self, party: &str, bond: &str, key: &[u8]) -> PathBuf {
        let name = format!("{party}-{}.bondkey", bond.replace('/', "-"));
        let file = self.browser.downloads().join(name);
        std::fs::write(&file, key).unwrap();
        file
    }

    /// Somebody opens a bond with a key file, signed in as nobody.
    pub(crate) async fn open_with(&self, key: &Path) {
        self.as_clerk_of("nobody").await;
        self.visit("/open").await;
        self.browser.attach("#key_file", key).await;
        self.follow("#open").await;
    }

    /// A contractor opens its bond with the key it got, and hands it over.
    pub(crate) async fn hand_over(&self, contractor: &str, bond: &str) {
        let key = self.key_by_mail(contractor, bond).await;
        self.open_with(&key).await;
        self.browser.click("#sure").await;
        self.follow("#hand-over-button").await;
        self.reads("The bond was handed over").await;
        self.settles().await;
    }

    /// A key that does not work any more says so.
    pub(crate) async fn is_dead(&self, key: &Path) {
        self.open_with(key).await;
        self.reads("stopped working").await;
    }

    /// Waits until nothing is due or on its way.
    pub(crate) async fn settles(&self) {
        let world = &self.world;
        world
            .eventually("the hub is quiet", async || world.rests(0).await)
            .await;
    }

    /// Time passes.
    pub(crate) async fn passes(&self, time: TimeDelta) {
        self.world.clock.advance(time);
        self.settles().await;
    }

    /// So much later, as a field for a time takes it: minutes in Tokyo.
    pub(crate) fn later(&self, time: TimeDelta) -> String {
        local(self.world.now() + time)
    }

    /// No event came by a feed: every row of the inbox is a person's act or a signed document.
    pub(crate) async fn came_by_no_feed(&self) {
        for row in self.world.events().await {
            let source = row.identity.source;
            let by_hand =
                source.starts_with("act") || ["desk", "document"].contains(&source.as_str());
            assert!(by_hand, "{} of {source}", row.kind);
        }
    }
}

fn local(at: Timestamp) -> String {
    let tokyo = FixedOffset::east_opt(9 * 3600).unwrap();
    at.with_timezone(&tokyo)
        .format("%Y-%m-%dT%H:%M")
        .to_string()
}

fn clerk(party: &str) -> Viewer {
    Viewer {
        account: AccountName::parse(&format!("clerk-{}", party.to_lowercase())).unwrap(),
        party: Some(PartyCode::parse(party).unwrap()),
        roles: [Role::Clerk].into(),
        scopes: None,
        language: Language::En,
        zone: DEFAULT_ZONE.to_owned(),
        signed_in_by: SignedInBy::Password,
    }
}
