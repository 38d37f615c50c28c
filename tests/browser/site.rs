//! The hub and its people.

use bondhub_core::ports::Clock as _;
use chrono::TimeDelta;
use totp_rs::{Builder, Secret};

use crate::harness::{combination::SQLITE_SPOOL, process::Hub, world::World};

/// A running hub, reached as `http://localhost:PORT`: a secure context for browsers, as passkeys need.
pub(crate) struct Site {
    pub(crate) world: World,
    pub(crate) origin: String,
    _hub: Hub,
}

impl Site {
    /// Opens it on the embedded default.
    pub(crate) async fn open() -> Self {
        let world = World::set(SQLITE_SPOOL, "").await;
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let listen = ("BONDHUB__HTTP__LISTEN", format!("127.0.0.1:{port}"));
        let hub = Hub::start(&world, &[listen]);
        hub.open(&world).await;
        Self {
            origin: format!("http://localhost:{port}"),
            world,
            _hub: hub,
        }
    }

    /// The address of a page.
    pub(crate) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// What an authenticator app with this secret shows, so many steps from now: no code is taken twice.
    pub(crate) fn app(&self, secret: &str, steps: u64) -> String {
        let secret = Secret::try_from_base32(secret.replace(' ', "")).unwrap();
        let app = Builder::new().with_secret(secret).build().unwrap();
        let now = self.world.clock.now() + TimeDelta::seconds(0);
        let now = u64::try_from(now.timestamp()).unwrap();
        app.generate(now + 30 * steps).to_string()
    }
}
