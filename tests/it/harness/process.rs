//! The program as a child of the test, as it runs in production.

use std::{
    fs::File,
    process::{Child, Command, ExitStatus, Stdio},
};

use super::world::World;

/// `bondhub serve`. Killed when it is dropped.
pub(crate) struct Hub(Child);

impl Hub {
    /// Starts it; `more` are environment variables.
    pub(crate) fn start(world: &World, more: &[(&str, String)]) -> Self {
        let log = File::create(world.folder().join("hub.log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bondhub"));
        command
            .arg("--config")
            .arg(world.config())
            .arg("serve")
            .current_dir(world.folder())
            .env_remove("BONDHUB_FAULT")
            .env("BONDHUB__LOG__LEVEL", "info")
            .stdout(Stdio::null())
            .stderr(log);
        command.envs(more.iter().map(|(name, value)| (name, value)));
        Self(command.spawn().unwrap())
    }

    /// Whether it has ended, and how.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().unwrap()
    }

    /// Waits until it has ended.
    pub(crate) async fn end(&mut self, world: &World) -> ExitStatus {
        let hub = std::sync::Mutex::new(self);
        let ended = async || hub.lock().unwrap().ended().is_some();
        world.eventually("the hub has ended", ended).await;
        hub.lock().unwrap().ended().unwrap()
    }

    /// Waits until it is open.
    pub(crate) async fn open(&self, world: &World) {
        let open = async || log(world).contains("the hub is open");
        world.eventually("the hub is open", open).await;
    }

    /// Sends SIGTERM.
    pub(crate) fn tell_to_stop(&self) {
        let process = self.0.id().to_string();
        let told = Command::new("kill").args(["-TERM", &process]).status();
        assert!(told.unwrap().success());
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // It has ended already, or the test has failed.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// What the hub last started said, for whoever looks at a test that failed.
pub(crate) fn log(world: &World) -> String {
    std::fs::read_to_string(world.folder().join("hub.log")).unwrap_or_default()
}
