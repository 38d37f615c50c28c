//! What a person does in a browser.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::FutureExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::driver::Driver;

/// How long a page may take to show what is waited for.
const PATIENCE: Duration = Duration::from_mins(1);
/// The name of an element in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with a profile of its own.
pub(crate) struct Browser {
    driver: Driver,
    session: String,
    profile: TempDir,
    scripts: Scripts,
}

/// An element of the page that is open.
pub(crate) struct Element<'a> {
    browser: &'a Browser,
    path: String,
}

/// What runs of the scripts that pages bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scripts {
    Run,
    Blocked,
}

/// Runs a story; if it fails, a picture of the page is left in `target/tmp/browser/NAME.png`.
pub(crate) async fn tell(name: &str, story: impl AsyncFnOnce(&Browser)) {
    tell_with(Scripts::Run, name, story).await;
}

/// The same, also in a browser that runs no script of a page.
pub(crate) async fn tell_with(scripts: Scripts, name: &str, story: impl AsyncFnOnce(&Browser)) {
    let browser = Browser::open(scripts).await;
    let told = std::panic::AssertUnwindSafe(story(&browser));
    if let Err(failed) = told.catch_unwind().await {
        browser.picture(name).await;
        std::panic::resume_unwind(failed);
    }
    browser.close().await;
}

impl Browser {
    /// Opens a browser, 1280 by 900, that asks for English.
    pub(crate) async fn open(scripts: Scripts) -> Self {
        let driver = Driver::start().await;
        let profile = tempfile::tempdir().unwrap();
        let downloads = profile.path().join("downloads");
        std::fs::create_dir(&downloads).unwrap();
        let profile_argument = format!("--user-data-dir={}", profile.path().display());
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,900",
            "--lang=en",
            &profile_argument,
        ];
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {
                "args": arguments, "prefs": {
                    "intl.accept_languages": "en",
                    "download.default_directory": downloads,
                    // 2 blocks; what a driver runs is no script of a page.
                    "profile.managed_default_content_settings.javascript": match scripts {
                        Scripts::Run => 1,
                        Scripts::Blocked => 2,
                    },
                },
            },
        }}});
        let opened = driver.ask("POST", "/session", Some(&wanted)).await;
        let opened = opened.unwrap_or_else(|error| panic!("no browser: {error}"));
        let session = format!("/session/{}", opened["sessionId"].as_str().unwrap());
        Self {
            driver,
            session,
            profile,
            scripts,
        }
    }

    /// Whether scripts of pages run.
    pub(crate) fn scripts(&self) -> Scripts {
        self.scripts
    }

    /// Closes it.
    pub(crate) async fn close(&self) {
        self.command("DELETE", "", None).await;
    }

    async fn try_command(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, String> {
        let path = format!("{}{path}", self.session);
        self.driver.ask(method, &path, body).await
    }

    async fn command(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let done = self.try_command(method, path, body).await;
        done.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Opens a page.
    pub(crate) async fn go(&self, address: &str) {
        self.command("POST", "/url", Some(&json!({"url": address})))
            .await;
    }

    /// The path of the page that is open.
    pub(crate) async fn path(&self) -> String {
        let script = "return location.pathname";
        let path = self.run(script, json!([])).await;
        path.as_str().unwrap().to_owned()
    }

    /// Makes the window this large.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height});
        self.command("POST", "/window/rect", Some(&size)).await;
    }

    /// What only Chromium's own protocol can do.
    async fn chromium(&self, command: &str, parameters: Value) -> Value {
        let asked = json!({"cmd": command, "params": parameters});
        self.command("POST", "/goog/cdp/execute", Some(&asked))
            .await
    }

    /// From now on pages are shown this wide, as on a device: a window of the desktop has a least width.
    pub(crate) async fn is_wide(&self, width: u32) {
        let device =
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.chromium("Emulation.setDeviceMetricsOverride", device)
            .await;
    }

    /// Presses a key and lets it go; what it does goes to the element that has the focus.
    pub(crate) async fn press(&self, key: char) {
        let steps = json!([{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]);
        let actions = json!({"actions": [{"type": "key", "id": "keyboard", "actions": steps}]});
        self.command("POST", "/actions", Some(&actions)).await;
    }

    /// Types a text, key by key.
    pub(crate) async fn type_keys(&self, text: &str) {
        let step = |key: char| {
            [
                json!({"type": "keyDown", "value": key}),
                json!({"type": "keyUp", "value": key}),
            ]
        };
        let steps: Vec<Value> = text.chars().flat_map(step).collect();
        let actions = json!({"actions": [{"type": "key", "id": "keyboard", "actions": steps}]});
        self.command("POST", "/actions", Some(&actions)).await;
    }

    /// Runs a script in the page.
    pub(crate) async fn run(&self, script: &str, arguments: Value) -> Value {
        let script = json!({"script": script, "args": arguments});
        self.command("POST", "/execute/sync", Some(&script)).await
    }

    /// Runs a script in the page that calls its last argument when it is done.
    pub(crate) async fn run_until_done(&self, script: &str) -> Value {
        let script = json!({"script": script, "args": []});
        self.command("POST", "/execute/async", Some(&script)).await
    }

    /// The first element a CSS selector finds, as soon as it is there.
    pub(crate) async fn find(&self, selector: &str) -> Element<'_> {
        let wanted = json!({"using": "css selector", "value": selector});
        let until = Instant::now() + PATIENCE;
        loop {
            match self.try_command("POST", "/element", Some(&wanted)).await {
                Ok(found) => {
                    let id = found[ELEMENT].as_str().unwrap();
                    return Element {
                        browser: self,
                        path: format!("/element/{id}"),
                    };
                }
                Err(error) if Instant::now() > until => panic!("{selector}: {error}"),
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Whether a CSS selector finds something now.
    pub(crate) async fn has(&self, selector: &str) -> bool {
        let found = self
            .run(
                "return document.querySelectorAll(arguments[0]).length",
                json!([selector]),
            )
            .await;
        found.as_u64().unwrap() > 0
    }

    /// Waits until the page has this path.
    pub(crate) async fn arrives(&self, path: &str) {
        let until = Instant::now() + PATIENCE;
        while self.path().await != path {
            let now = self.path().await;
            assert!(
                Instant::now() < until,
                "at {now}, not {path}: {}",
                self.body().await
            );
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// What can be read on the page.
    pub(crate) async fn body(&self) -> String {
        let text = self.run("return document.body.innerText", json!([])).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Types into a field, in place of what was there.
    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        let field = self.find(selector).await;
        field.command("POST", "/clear", &json!({})).await;
        field
            .command("POST", "/value", &json!({"text": text}))
            .await;
    }

    /// Puts a value into a field as it is: days, times and choices, which each browser lets people enter in its own way.
    pub(crate) async fn set(&self, selector: &str, value: &str) {
        self.find(selector).await;
        let script = "document.querySelector(arguments[0]).value = arguments[1]";
        self.run(script, json!([selector, value])).await;
    }

    /// Chooses a file for a field.
    pub(crate) async fn attach(&self, selector: &str, file: &Path) {
        let field = self.find(selector).await;
        let text = json!({"text": file.display().to_string()});
        field.command("POST", "/value", &text).await;
    }

    /// The folder downloads go to.
    pub(crate) fn downloads(&self) -> PathBuf {
        self.profile.path().join("downloads")
    }

    /// Clicks what downloads a file, and waits until all of it is there.
    pub(crate) async fn download(&self, selector: &str, name: &str) -> PathBuf {
        let file = self.downloads().join(name);
        drop(std::fs::remove_file(&file));
        self.click(selector).await;
        let until = Instant::now() + PATIENCE;
        while !file.exists() {
            assert!(Instant::now() < until, "no {name}: {}", self.body().await);
            sleep(Duration::from_millis(50)).await;
        }
        file
    }

    /// Clicks something.
    pub(crate) async fn click(&self, selector: &str) {
        let button = self.find(selector).await;
        button.command("POST", "/click", &json!({})).await;
    }

    /// Clicks what leads to another page, and waits until that is there.
    pub(crate) async fn submit(&self, selector: &str) {
        self.leaves(async || self.click(selector).await).await;
    }

    /// Does what leads to another page, and waits until that is there.
    pub(crate) async fn leaves(&self, act: impl AsyncFnOnce()) {
        self.run("window.leaving = true", json!([])).await;
        act().await;
        let until = Instant::now() + PATIENCE;
        let script = "return window.leaving !== true && document.readyState === 'complete'";
        while self.run(script, json!([])).await != json!(true) {
            assert!(Instant::now() < until, "still at {}", self.path().await);
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// The cookies of the page.
    pub(crate) async fn cookies(&self) -> Vec<Value> {
        let cookies = self.command("GET", "/cookie", None).await;
        cookies.as_array().unwrap().clone()
    }

    /// Plants a cookie.
    pub(crate) async fn plant(&self, name: &str, value: &str) {
        let cookie = json!({"cookie": {"name": name, "value": value}});
        self.command("POST", "/cookie", Some(&cookie)).await;
    }

    /// A virtual authenticator inside the device, which verifies its holder or not; its id.
    pub(crate) async fn authenticator(&self, verifies: bool) -> String {
        let wanted = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserConsenting": true, "isUserVerified": verifies,
        });
        let path = "/webauthn/authenticator";
        let made = self.command("POST", path, Some(&wanted)).await;
        made.as_str().unwrap().to_owned()
    }

    /// From now on the authenticator verifies its holder, or fails to.
    pub(crate) async fn verifies(&self, authenticator: &str, verifies: bool) {
        let path = format!("/webauthn/authenticator/{authenticator}/uv");
        let asked = json!({"isUserVerified": verifies});
        self.command("POST", &path, Some(&asked)).await;
    }

    /// Leaves a picture of the page in `target/tmp/browser`.
    pub(crate) async fn picture(&self, name: &str) -> PathBuf {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("browser");
        std::fs::create_dir_all(&folder).unwrap();
        let taken = self.command("GET", "/screenshot", None).await;
        keep(&folder.join(format!("{name}.png")), &taken)
    }

    /// Leaves a picture of the whole page, as long as it is, in a folder of `target/tmp/browser`.
    pub(crate) async fn whole_picture(&self, folder: &str, name: &str) -> PathBuf {
        let whole = self
            .run(
                "const page = document.documentElement; return [page.scrollWidth, page.scrollHeight]",
                json!([]),
            )
            .await;
        let clip = json!({"x": 0, "y": 0, "width": whole[0], "height": whole[1], "scale": 1});
        let asked = json!({"format": "png", "captureBeyondViewport": true, "optimizeForSpeed": true, "clip": clip});
        let taken = self.chromium("Page.captureScreenshot", asked).await;
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join("browser")
            .join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        keep(&folder.join(format!("{name}.png")), &taken["data"])
    }
}

/// Writes a picture that came in base 64.
fn keep(path: &Path, picture: &Value) -> PathBuf {
    let picture = STANDARD.decode(picture.as_str().unwrap()).unwrap();
    std::fs::write(path, picture).unwrap();
    path.to_owned()
}

impl Element<'_> {
    async fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        let path = format!("{}{path}", self.path);
        self.browser.command(method, &path, Some(body)).await
    }

    /// A picture of it alone.
    pub(crate) async fn picture(&self, file: &Path) {
        let path = format!("{}/screenshot", self.path);
        let taken = self.browser.command("GET", &path, None).await;
        keep(file, &taken);
    }

    /// Its text.
    pub(crate) async fn text(&self) -> String {
        let path = format!("{}/text", self.path);
        let text = self.browser.command("GET", &path, None).await;
        text.as_str().unwrap().to_owned()
    }
}
