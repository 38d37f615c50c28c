//! Named steps of the path (DESIGN §2), at which the fault tests end the process.
//!
//! Only builds with debug assertions listen: `BONDHUB_FAULT=STEP:PASS:END` ends the process right after
//! the step was passed for that many times; `END` is `abort` (as `kill -9` would) or `terminate`
//! (SIGTERM). A release build knows the names and does nothing.

/// A step that has just been passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The queue yielded a delivery.
    Received,
    /// Its bytes were read.
    Read,
    /// Its events were given to their lanes.
    Laned,
    /// The cases of a batch were loaded.
    Loaded,
    /// What follows was decided.
    Decided,
    /// Keys and mails were made.
    Prepared,
    /// The batch was committed.
    Committed,
    /// What it leads to was handed to the relays.
    HandedOver,
    /// A delivery was acknowledged.
    Acknowledged,
    /// Rows that nobody handed over were leased.
    Claimed,
    /// Mails were marked as being sent.
    MailMarked,
    /// The mail server had its say.
    MailSent,
    /// What became of mails was written.
    MailSettled,
    /// The hub's own events were marked as being published.
    EventMarked,
    /// The broker had its say.
    EventSent,
    /// What became of own events was written.
    EventSettled,
}

impl Step {
    /// All steps, in the order of the path.
    pub const ALL: [Self; 16] = [
        Self::Received,
        Self::Read,
        Self::Laned,
        Self::Loaded,
        Self::Decided,
        Self::Prepared,
        Self::Committed,
        Self::HandedOver,
        Self::Acknowledged,
        Self::Claimed,
        Self::MailMarked,
        Self::MailSent,
        Self::MailSettled,
        Self::EventMarked,
        Self::EventSent,
        Self::EventSettled,
    ];

    /// The step's name in `BONDHUB_FAULT`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Read => "read",
            Self::Laned => "laned",
            Self::Loaded => "loaded",
            Self::Decided => "decided",
            Self::Prepared => "prepared",
            Self::Committed => "committed",
            Self::HandedOver => "handed_over",
            Self::Acknowledged => "acknowledged",
            Self::Claimed => "claimed",
            Self::MailMarked => "mail_marked",
            Self::MailSent => "mail_sent",
            Self::MailSettled => "mail_settled",
            Self::EventMarked => "event_marked",
            Self::EventSent => "event_sent",
            Self::EventSettled => "event_settled",
        }
    }
}

/// A step was passed. Nothing happens but where a fault test asked for it.
#[cfg(not(debug_assertions))]
pub fn passed(_step: Step) {}

#[cfg(debug_assertions)]
pub use listening::passed;

#[cfg(debug_assertions)]
mod listening {
    use std::sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    };

    use super::Step;

    struct Fault {
        step: Step,
        pass: u32,
        aborts: bool,
    }

    static FAULT: LazyLock<Option<Fault>> =
        LazyLock::new(|| read(&std::env::var("BONDHUB_FAULT").ok()?));
    static PASSED: AtomicU32 = AtomicU32::new(0);

    fn read(text: &str) -> Option<Fault> {
        let mut parts = text.split(':');
        let name = parts.next()?;
        Some(Fault {
            step: Step::ALL.into_iter().find(|step| step.as_str() == name)?,
            pass: parts.next()?.parse().ok()?,
            aborts: parts.next()? == "abort",
        })
    }

    /// A step was passed. The process ends here if a fault test asked for it.
    pub fn passed(step: Step) {
        let Some(fault) = FAULT.as_ref().filter(|fault| fault.step == step) else {
            return;
        };
        if PASSED.fetch_add(1, Ordering::SeqCst) + 1 != fault.pass {
            return;
        }
        if fault.aborts {
            std::process::abort();
        }
        terminate();
    }

    /// Sends SIGTERM to this process, as an operator does.
    fn terminate() {
        let process = std::process::id().to_string();
        let mut kill = std::process::Command::new("kill");
        if let Err(error) = kill.args(["-TERM", &process]).status() {
            tracing::error!("the fault test cannot send SIGTERM: {error}");
        }
    }
}
