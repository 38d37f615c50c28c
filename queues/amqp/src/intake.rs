//! The consuming end: a task that owns the connection, and the port that reads from it.

use std::sync::Arc;

use async_trait::async_trait;
use bondhub_core::ports::queue::{Delivery, Intake, QueueError};
use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};

use crate::{
    backoff::Backoff,
    board::Board,
    consumption::{Consumption, Epoch, Handed},
    fault::Fault,
    settings::Settings,
};

/// Deliveries from `bondhub.events`, its partitions and the dead letters.
///
/// Those from the dead letters carry
/// [`DEAD_LETTER_HEADER`](bondhub_core::ports::queue::DEAD_LETTER_HEADER).
///
/// `next` fails only when what exists at the broker does not fit. The intake goes on trying all the
/// same, so an operator may mend the broker and `next` be called again.
pub struct AmqpIntake {
    deliveries: mpsc::Receiver<Result<Handed, Fault>>,
    stop: watch::Sender<bool>,
}

impl AmqpIntake {
    pub(crate) fn start(settings: Arc<Settings>, board: Board, backoff: Backoff) -> Self {
        let room = usize::from(settings.prefetch).max(1) * (usize::from(settings.partitions) + 2);
        let (sender, deliveries) = mpsc::channel(room);
        let (stop, stopped) = watch::channel(false);
        let owner = Owner {
            settings,
            board,
            backoff,
            epoch: Epoch::default(),
            deliveries: sender,
            stopped,
        };
        tokio::spawn(owner.run());
        Self { deliveries, stop }
    }
}

#[async_trait]
impl Intake for AmqpIntake {
    async fn next(&mut self) -> Result<Option<Delivery>, QueueError> {
        loop {
            match self.deliveries.recv().await {
                None => return Ok(None),
                Some(Err(fault)) => return Err(fault.into()),
                Some(Ok(handed)) => {
                    if let Some(delivery) = handed.fresh() {
                        return Ok(Some(delivery));
                    }
                }
            }
        }
    }

    /// Returns when the consumers are cancelled. What was fetched and not handed out is left to
    /// come again.
    async fn stop(&mut self) {
        self.stop.send_replace(true);
        while self.deliveries.recv().await.is_some() {}
    }
}

/// Owns the connection, one life after the other.
struct Owner {
    settings: Arc<Settings>,
    board: Board,
    backoff: Backoff,
    epoch: Epoch,
    deliveries: mpsc::Sender<Result<Handed, Fault>>,
    stopped: watch::Receiver<bool>,
}

/// How a life ended.
enum Ending {
    /// Nobody wants more.
    Stopped,
    /// The broker, or the way to it.
    Failed(Fault),
}

impl Owner {
    async fn run(mut self) {
        while let Ending::Failed(fault) = self.live().await {
            self.board.failed(&fault);
            self.tell(fault).await;
            if self.rest().await {
                break;
            }
        }
        self.board.closed();
    }

    async fn live(&mut self) -> Ending {
        let mut consumption = tokio::select! {
            () = unwanted(&mut self.stopped, &self.deliveries) => return Ending::Stopped,
            begun = Consumption::begin(&self.settings, &self.epoch) => match begun {
                Ok(consumption) => consumption,
                Err(fault) => return Ending::Failed(fault),
            },
        };
        self.board.connected();
        self.backoff.reset();
        let ending = self.forward(&mut consumption).await;
        match &ending {
            Ending::Stopped => consumption.cancel().await,
            Ending::Failed(_) => consumption.end().await,
        }
        ending
    }

    async fn forward(&mut self, consumption: &mut Consumption) -> Ending {
        loop {
            tokio::select! {
                () = unwanted(&mut self.stopped, &self.deliveries) => return Ending::Stopped,
                handed = consumption.next() => match handed {
                    // There is room for all that the broker may have under way; an error means that
                    // the intake is gone, which the other branch finds out.
                    Ok(handed) => drop(self.deliveries.send(Ok(handed)).await),
                    Err(fault) => return Ending::Failed(fault),
                },
            }
        }
    }

    /// Only an operator can mend a misfit, so the hub must hear of it.
    async fn tell(&mut self, fault: Fault) {
        if matches!(fault, Fault::Misfit(_)) {
            tokio::select! {
                () = unwanted(&mut self.stopped, &self.deliveries) => {}
                sent = self.deliveries.send(Err(fault)) => drop(sent),
            }
        }
    }

    /// Waits before the next life; true when there is to be none.
    async fn rest(&mut self) -> bool {
        let delay = self.backoff.delay();
        tokio::select! {
            () = unwanted(&mut self.stopped, &self.deliveries) => true,
            () = sleep(delay) => false,
        }
    }
}

/// Returns when the intake was stopped or dropped.
async fn unwanted(
    stopped: &mut watch::Receiver<bool>,
    deliveries: &mpsc::Sender<Result<Handed, Fault>>,
) {
    tokio::select! {
        _ = stopped.wait_for(|stopped| *stopped) => {}
        () = deliveries.closed() => {}
    }
}
