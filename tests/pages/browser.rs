//! A browser that keeps cookies, in front of the pages of a world without a hub.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use bondhub::{
    console::{Address, Console, Identify, router},
    desk::DeskError,
};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Role, SignedInBy, Viewer},
    identifier::PartyCode,
    party::Language,
};
use tower::ServiceExt as _;

use crate::harness::{combination::SQLITE_SPOOL, world::World};

/// Sessions by the value of their cookie.
#[derive(Default)]
struct TestSessions(Mutex<BTreeMap<String, Viewer>>);

#[async_trait]
impl Identify for TestSessions {
    async fn viewer(&self, session: &str) -> Result<Option<Viewer>, DeskError> {
        Ok(self.0.lock().unwrap().get(session).cloned())
    }
}

/// A world and its pages.
pub(crate) struct Site {
    pub(crate) world: World,
    router: Router,
    sessions: Arc<TestSessions>,
}

/// A visitor with its cookies.
pub(crate) struct Browser<'a> {
    site: &'a Site,
    cookies: BTreeMap<String, String>,
    pub(crate) language: &'static str,
}

/// What came back.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Site {
    /// A site on a loopback listener.
    pub(crate) async fn open() -> Self {
        Self::at(None).await
    }

    /// A site with a hub at work.
    pub(crate) async fn with_hub() -> Self {
        let mut site = Self::open().await;
        site.world.open().await;
        site
    }

    /// A site with a hub at work and more lines of settings, from the section `hub` on.
    pub(crate) async fn with_settings(more: &str) -> Self {
        let mut site = Self::set(None, more).await;
        site.world.open().await;
        site
    }

    /// A site that browsers reach at an origin.
    pub(crate) async fn at(origin: Option<&str>) -> Self {
        Self::set(origin, "").await
    }

    /// A site with a hub at work that takes uploads as large as the settings allow by default.
    pub(crate) async fn for_large_files() -> Self {
        let world = World::set(SQLITE_SPOOL, "").await;
        let most = world.settings.http.upload_max_bytes;
        let mut site = Self::in_front_of(world, None, most);
        site.world.open().await;
        site
    }

    async fn set(origin: Option<&str>, more: &str) -> Self {
        let world = World::set(SQLITE_SPOOL, more).await;
        Self::in_front_of(world, origin, 1 << 20)
    }

    fn in_front_of(world: World, origin: Option<&str>, upload_max_bytes: usize) -> Self {
        let sessions = Arc::new(TestSessions::default());
        let address = Address {
            origin: origin.map(str::to_owned),
            upload_max_bytes,
        };
        let console = Console::new(Arc::clone(&world.desk), Arc::clone(&sessions) as _, address);
        let router = router(&Arc::new(console.unwrap()));
        Self {
            world,
            router,
            sessions,
        }
    }

    /// A browser without cookies.
    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser {
            site: self,
            cookies: BTreeMap::new(),
            language: "en",
        }
    }

    /// A browser of somebody signed in: an account with these roles, of a party or of the hub.
    pub(crate) fn signed_in(&self, party: Option<&str>, roles: &[Role]) -> Browser<'_> {
        let viewer = Viewer {
            account: AccountName::parse("hanako").unwrap(),
            party: party.map(|code| PartyCode::parse(code).unwrap()),
            roles: roles.iter().copied().collect(),
            scopes: None,
            language: Language::En,
            zone: DEFAULT_ZONE.to_owned(),
            signed_in_by: SignedInBy::Password,
        };
        let mut sessions = self.sessions.0.lock().unwrap();
        let name = format!("session-{}", sessions.len());
        sessions.insert(name.clone(), viewer);
        let mut browser = self.browser();
        browser.cookies.insert("bondhub-session".to_owned(), name);
        browser
    }
}

impl Site {
    /// A browser of a party's clerk whose session has just begun, as what is dangerous asks for.
    pub(crate) async fn just_signed_in(&self, party: &str) -> Browser<'_> {
        let browser = self.signed_in(Some(party), &[Role::Clerk]);
        let cookie = browser.cookie("bondhub-session").unwrap();
        self.world.let_in("hanako", party, cookie).await;
        browser
    }
}

impl Browser<'_> {
    /// Asks for a page.
    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.ask(Method::GET, path, &[], Body::empty()).await
    }

    /// Sends a form as a page of ours would, with its token.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.token().await;
        let fields = [fields, &[("form_token", token.as_str())]].concat();
        self.send(path, &fields, &[]).await
    }

    /// Sends these fields and nothing else.
    pub(crate) async fn send(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Page {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            form.append_pair(name, value);
        }
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let headers = [headers, &[kind]].concat();
        self.ask(Method::POST, path, &headers, Body::from(form.finish()))
            .await
    }

    /// Sends a form with files, with its token.
    pub(crate) async fn upload(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Page {
        const BOUNDARY: &str = "----a-boundary";
        let token = self.token().await;
        let mut body = Vec::new();
        for (name, value) in [fields, &[("form_token", token.as_str())]].concat() {
            let part = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.into_bytes());
        }
        for (name, file, bytes) in files {
            let part = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend(part.into_bytes());
            body.extend_from_slice(bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let headers = [("content-type", kind.as_str())];
        self.ask(Method::POST, path, &headers, Body::from(body))
            .await
    }

    /// The token of this visit, read off the first page.
    pub(crate) async fn token(&mut self) -> String {
        let page = self.get("/").await;
        let after = page.body.split("name=\"form_token\" value=\"").nth(1);
        after.unwrap().split('"').next().unwrap().to_owned()
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&String> {
        self.cookies.get(name)
    }

    pub(crate) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Asks, and keeps the cookies that come back.
    pub(crate) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Page {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "hub.example")
            .header(header::ACCEPT_LANGUAGE, self.language)
            .header(header::COOKIE, cookies.join("; "));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let router = self.site.router.clone();
        let answer = router.oneshot(request.body(body).unwrap()).await.unwrap();
        let (head, body) = answer.into_parts();
        self.keep(&head.headers);
        let body = to_bytes(body, 1 << 26).await.unwrap();
        keep_for_the_eye(path, self.language, &body);
        Page {
            status: head.status,
            headers: head.headers,
            // The templates write a slash in a text as a reference.
            body: String::from_utf8_lossy(&body).replace("&#x2f;", "/"),
        }
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Page {
    /// Where the browser is sent.
    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// The page's body, which must say this.
    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "no `{text}` in:\n{}", self.body);
        self
    }

    /// The page's body, which must not say this.
    pub(crate) fn says_not(&self, text: &str) -> &Self {
        assert!(!self.body.contains(text), "`{text}` in:\n{}", self.body);
        self
    }
}

/// Pages are looked at too: with `BONDHUB_TEST_PAGES_DIR` each one is kept there.
fn keep_for_the_eye(path: &str, language: &str, body: &[u8]) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let Some(folder) = std::env::var_os("BONDHUB_TEST_PAGES_DIR") else {
        return;
    };
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = path.chars().take(60).map(plain).collect();
    let process = std::process::id();
    let file = format!("{process}-{number:03}{name}-{language}.html");
    std::fs::write(std::path::Path::new(&folder).join(file), body).unwrap();
}
