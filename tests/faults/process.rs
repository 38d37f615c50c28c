//! The program as a child of the test, as it runs in production.

use std::{
    fs::File,
    process::{Child, Command, ExitStatus, Stdio},
};

use crate::harness::world::World;

/// `bondhub serve`. Killed when it is dropped.
pub(crate) struct Hub(Child);

impl Hub {
    /// Starts it; `fault` is a `BONDHUB_FAULT`.
    pub(crate) fn start(world: &World, fault: Option<&str>) -> Self {
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
        if let Some(fault) = fault {
            command.env("BONDHUB_FAULT", fault);
        }
        Self(command.spawn().unwrap())
    }

    /// Whether it has ended, and how.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().unwrap()
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
