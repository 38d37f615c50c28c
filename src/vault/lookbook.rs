//! The book of looks: a look is answered only after it is recorded (R20), and many are recorded at once.
//!
//! Whoever comes while a transaction runs waits for its end; then one of the waiting writes for all of
//! them. So no look waits for more than two transactions, and none for a timer.

use std::sync::{Arc, Mutex, PoisonError};

use bondhub_core::ports::store::{LookRow, Store, StoreError};
use tokio::sync::oneshot;

/// Records looks.
pub struct Lookbook {
    store: Arc<dyn Store>,
    waiting: Mutex<Vec<Waiting>>,
    turn: tokio::sync::Mutex<()>,
}

struct Waiting {
    row: LookRow,
    written: oneshot::Sender<()>,
}

impl Lookbook {
    /// A book kept in this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            waiting: Mutex::new(Vec::new()),
            turn: tokio::sync::Mutex::new(()),
        }
    }

    /// Records a look; when this returns, it is on the disk.
    pub async fn record(&self, row: LookRow) -> Result<(), StoreError> {
        let (written, mut told) = oneshot::channel();
        self.waiting().push(Waiting {
            row: row.clone(),
            written,
        });
        self.write_all().await;
        match told.try_recv() {
            Ok(()) => Ok(()),
            // Whoever wrote for this one failed or went away: alone, it fails for its own reasons.
            Err(_) => self.store.record_looks(&[row]).await,
        }
    }

    /// Writes everything that waits, once it is this one's turn.
    async fn write_all(&self) {
        let _turn = self.turn.lock().await;
        let (rows, told) = self.take();
        if !rows.is_empty() && self.store.record_looks(&rows).await.is_ok() {
            for written in told {
                // Nobody listens any more whose request was given up.
                let _heard = written.send(());
            }
        }
    }

    fn take(&self) -> (Vec<LookRow>, Vec<oneshot::Sender<()>>) {
        let all = std::mem::take(&mut *self.waiting());
        all.into_iter().map(|one| (one.row, one.written)).unzip()
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
