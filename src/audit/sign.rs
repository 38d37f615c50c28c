//! Signing the head of the chain, once a day, and purging what is kept beside it.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
};

use bondhub_core::{
    audit::{Act, Actor, AuditEntry, SignedHead, head_text},
    calendar::{Timestamp, day_of},
    ports::{
        openpgp::{EncryptError, SignText},
        store::{Store, StoreError},
    },
};
use chrono::{Datelike as _, FixedOffset, NaiveDate, TimeDelta};

/// Signs heads and purges details, as the settings say.
pub struct HeadSigner {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Signs as the hub.
    pub signer: Arc<dyn SignText>,
    /// The hub's zone: one head a day there.
    pub zone: FixedOffset,
    /// Signed heads are written here too, so that they can be kept where the hub cannot reach.
    pub folder: Option<PathBuf>,
    /// Details older than this are purged; none keeps them.
    pub keep_details: Option<TimeDelta>,
    /// The day that is done, as days since the common era: the store is not asked at every look.
    done: AtomicI32,
}

/// Why the head was not signed.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The hub's key cannot sign.
    #[error("the head of the audit log cannot be signed")]
    Sign(#[from] EncryptError),
    /// The head is signed and kept, but could not be written to the folder.
    #[error("{}: the signed head cannot be written; set audit.heads_dir", .0.display())]
    Written(PathBuf, #[source] std::io::Error),
}

impl HeadSigner {
    /// A signer that has not looked yet.
    pub fn new(store: Arc<dyn Store>, signer: Arc<dyn SignText>, zone: FixedOffset) -> Self {
        Self {
            store,
            signer,
            zone,
            folder: None,
            keep_details: None,
            done: AtomicI32::new(i32::MIN),
        }
    }

    /// Signs the head if this day has none yet, on whichever hub looks first; the head that was signed.
    pub async fn run_once(&self, now: Timestamp) -> Result<Option<SignedHead>, HeadError> {
        let day = day_of(now, self.zone);
        let number = day.num_days_from_ce();
        if self.done.load(Ordering::Relaxed) == number {
            return Ok(None);
        }
        let signed = self.sign(day, now).await?;
        self.purge(now).await?;
        self.done.store(number, Ordering::Relaxed);
        Ok(signed)
    }

    async fn sign(&self, day: NaiveDate, now: Timestamp) -> Result<Option<SignedHead>, HeadError> {
        let head = self.store.audit_head().await?;
        if head.sequence == 0 || self.was_signed(day).await? {
            return Ok(None);
        }
        let text = head_text(&head, day);
        let signed = SignedHead {
            head,
            day,
            at: now,
            signature: self.signer.sign_text(&text, now)?,
        };
        let told = AuditEntry::new(now, Actor::Hub, Act::HeadSigned, "audit")
            .with("day", day.to_string())
            .with("signed", head.sequence);
        if !self.store.keep_signed_head(&signed, &told).await? {
            // Another hub was first.
            self.was_signed(day).await?;
            return Ok(None);
        }
        self.write(&signed, &text).await?;
        Ok(Some(signed))
    }

    /// Whether the head of a day is signed; then it is in the folder too. It may not be yet: another hub signed it, or
    /// the folder could not be written then.
    async fn was_signed(&self, day: NaiveDate) -> Result<bool, HeadError> {
        let kept = self.store.signed_heads().await?;
        let Some(signed) = kept.iter().find(|one| one.day == day) else {
            return Ok(false);
        };
        if !self.is_written(day).await {
            self.write(signed, &head_text(&signed.head, day)).await?;
        }
        Ok(true)
    }

    async fn is_written(&self, day: NaiveDate) -> bool {
        match self.file_of(day) {
            Some(file) => tokio::fs::try_exists(file).await.unwrap_or(false),
            None => true,
        }
    }

    fn file_of(&self, day: NaiveDate) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?;
        Some(folder.join(format!("audit-head-{day}.txt")))
    }

    async fn purge(&self, now: Timestamp) -> Result<(), HeadError> {
        let Some(keep) = self.keep_details else {
            return Ok(());
        };
        let told = AuditEntry::new(now, Actor::Hub, Act::DetailsPurged, "audit");
        let purged = self.store.purge_details(now - keep, &told).await?;
        if purged > 0 {
            tracing::info!(entries = purged, "details of the audit log were purged");
        }
        Ok(())
    }

    /// Writes the text and its signature beside each other; the text comes last, so that where it is, both are.
    async fn write(&self, signed: &SignedHead, text: &str) -> Result<(), HeadError> {
        let (Some(folder), Some(file)) = (&self.folder, self.file_of(signed.day)) else {
            return Ok(());
        };
        let written = async {
            tokio::fs::create_dir_all(folder).await?;
            tokio::fs::write(file.with_extension("txt.asc"), &signed.signature).await?;
            tokio::fs::write(&file, text).await
        };
        let written = written.await;
        written.map_err(|error| HeadError::Written(file, error))
    }
}
