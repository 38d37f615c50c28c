//! The stage: a folder with everything in it, and the hub that runs there.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use bondhub_core::{
    calendar::{Timestamp, day_of},
    identifier::{BondId, PartyCode},
    money::Money,
    party::Language,
    ports::store::{
        BalanceBy, BondFilter, Channel, KeyState, MailFilter, OutboxState, OutboxView, Question,
        Within,
    },
};
use serde_json::Value;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{cast::Cast, mailbox, narrator::Narrator};
use crate::{
    assemble::{self, House},
    cli::make_keys,
    desk::{Desk, DeskError},
    settings::Settings,
    vault::{Look, Shown},
};

/// Where the play happens.
pub(crate) struct Stage {
    /// Tells what happens.
    pub(super) narrator: Narrator,
    /// The parties.
    pub(super) cast: Cast,
    /// The hub.
    pub(crate) house: House,
    /// Its settings.
    pub(crate) settings: Settings,
    directory: PathBuf,
    hub_certificate: String,
    told: BTreeSet<Uuid>,
    sent: u32,
    events: u64,
}

/// The hub is quiet or something is wrong: nothing in the play takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

impl Stage {
    /// Makes the folder, the hub's keys, the database and the cast, and starts the hub.
    pub(super) async fn set(
        directory: PathBuf,
        language: Language,
        listen: SocketAddr,
    ) -> anyhow::Result<Self> {
        let occupied = directory
            .read_dir()
            .is_ok_and(|mut entries| entries.next().is_some());
        if occupied {
            bail!("{} is not empty; choose another --dir", directory.display());
        }
        let settings = settings_for(&directory, listen)?;
        make_keys(&settings)?;
        assemble::migrate(&settings).await?;
        let hub_certificate = assemble::hub_certificate(&settings)?;
        let house = assemble::house(&settings).await?;
        let now = house.desk.clock.now();
        let cast = Cast::engage(&house.desk, &directory, now).await?;
        std::fs::write(directory.join("keys/hub.public.asc"), &hub_certificate)?;
        Ok(Self {
            narrator: Narrator::new(language),
            cast,
            house,
            settings,
            directory,
            hub_certificate,
            told: BTreeSet::new(),
            sent: 0,
            events: 0,
        })
    }

    /// The use cases.
    pub(super) fn desk(&self) -> &Arc<Desk> {
        &self.house.desk
    }

    /// The hub's time.
    pub(super) fn now(&self) -> Timestamp {
        self.desk().clock.now()
    }

    /// Puts an event file into the spool, waits until the hub is quiet, and tells what followed.
    pub(super) async fn send(&mut self, name: &str, event: &Value) -> anyhow::Result<()> {
        self.sent += 1;
        let file = format!("{:02}-{name}.json", self.sent);
        let copies = self.directory.join("events");
        std::fs::create_dir_all(&copies)?;
        let copy = copies.join(&file);
        std::fs::write(&copy, serde_json::to_vec_pretty(event)?)?;
        let new = self.directory.join("spool/new");
        let arriving = self.directory.join("spool").join(format!("{file}.tmp"));
        std::fs::copy(&copy, &arriving)?;
        std::fs::rename(&arriving, new.join(&file))?;
        self.events += 1;
        Narrator::line(&format!("-> {}", shown(&copy)));
        self.quiet().await?;
        self.tell_mails().await
    }

    /// Waits until every event is taken and everything that follows has left.
    pub(super) async fn quiet(&self) -> anyhow::Result<()> {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        let waiting = async {
            loop {
                looks.tick().await;
                if self.is_quiet().await? {
                    return anyhow::Ok(());
                }
            }
        };
        tokio::time::timeout(PATIENCE, waiting)
            .await
            .context("the hub does not come to rest")?
    }

    async fn is_quiet(&self) -> anyhow::Result<bool> {
        let store = &self.desk().store;
        let taken: u64 = store
            .event_counts()
            .await?
            .iter()
            .map(|(_, count)| count)
            .sum();
        let outbox = store.outbox_counts().await?;
        let open = outbox.iter().any(|(_, state, _)| {
            matches!(
                state,
                OutboxState::Ready | OutboxState::Leased | OutboxState::Retry
            )
        });
        Ok(taken >= self.events && !open)
    }

    /// An act at the desk counts as an event, too.
    pub(super) fn acted(&mut self) {
        self.events += 1;
    }

    /// Tells which mails were written since the last time.
    pub(super) async fn tell_mails(&mut self) -> anyhow::Result<()> {
        for mail in self.mails().await? {
            if self.told.insert(mail.id) {
                let to = mail
                    .recipient
                    .as_ref()
                    .map(PartyCode::as_str)
                    .unwrap_or_default();
                let state = if mail.state == OutboxState::Sent {
                    ""
                } else {
                    mail.state.as_str()
                };
                let file = shown(&self.file_of(&mail));
                Narrator::line(&format!("mail [{}] to {to} {state} {file}", mail.name));
            }
        }
        Ok(())
    }

    /// The mails, oldest first.
    async fn mails(&self) -> anyhow::Result<Vec<OutboxView>> {
        let filter = MailFilter {
            channel: Some(Channel::Mail),
            limit: 1000,
            ..MailFilter::default()
        };
        let mut mails = self.desk().store.outbox(&filter).await?;
        mails.sort_by_key(|mail| (mail.created_at, mail.id));
        Ok(mails)
    }

    fn file_of(&self, mail: &OutboxView) -> PathBuf {
        let name = mail
            .message_id
            .trim_start_matches('<')
            .split('@')
            .next()
            .unwrap_or_default();
        self.directory.join("mail").join(format!("{name}.eml"))
    }

    /// The live key of a party for a bond, out of the mail that brought it.
    pub(super) async fn key_of(
        &self,
        party: &str,
        bond: &str,
    ) -> anyhow::Result<Zeroizing<Vec<u8>>> {
        let reader = self.cast.readers.get(party).context("not in the cast")?;
        let bond = BondId::try_from(bond.to_owned())?;
        for mail in self.mails().await?.iter().rev() {
            let to = mail.recipient.as_ref().map(PartyCode::as_str);
            if mail.name != "key" || to != Some(party) {
                continue;
            }
            let file = self.file_of(mail);
            let key = mailbox::key_in(&file, reader, &self.hub_certificate, self.now())?;
            let parsed = bondhub_core::key::KeyFile::parse(&key)?;
            if parsed.bond == bond.number {
                return Ok(key);
            }
        }
        bail!("no mail brought {party} a key to {bond}")
    }

    /// Keeps a key file where people can try it.
    pub(super) fn keep_key(&self, name: &str, key: &[u8]) -> anyhow::Result<PathBuf> {
        let path = self.directory.join("keys").join(format!("{name}.bondkey"));
        std::fs::write(&path, key)?;
        Ok(path)
    }

    /// Looks at a bond with a key and tells what is shown, or why nothing is.
    pub(super) async fn look(&self, who: &str, key: &[u8]) -> anyhow::Result<()> {
        let text = match self.desk().open(key).await {
            Ok(look) => shown_by(&look),
            Err(DeskError::Key(refusal)) => format!("REFUSED: {refusal}"),
            Err(error) => return Err(error.into()),
        };
        Narrator::line(&format!("key open ({who}): {text}"));
        Ok(())
    }

    /// Tells where the bonds stand.
    pub(super) async fn tell_bonds(&self) -> anyhow::Result<()> {
        for row in self.desk().store.bonds(&BondFilter::default()).await? {
            let view = self.desk().store.bond(&row.bond).await?;
            let keys = view.map(|view| view.keys).unwrap_or_default();
            let live = keys
                .iter()
                .filter(|key| key.state == KeyState::Live)
                .count();
            let version = row.version;
            let told = format!(
                "{:<16} v{version} {:<10} {:>16} until {}, live keys {live} ({})",
                row.bond.to_string(),
                row.state.as_str(),
                row.terms.amount.to_string(),
                row.terms.period.to(),
                row.cause.rule.as_str(),
            );
            Narrator::line(&told);
        }
        Ok(())
    }

    /// Tells what is outstanding today.
    pub(super) async fn tell_balance(&self) -> anyhow::Result<()> {
        let today = day_of(self.now(), self.settings.rules.offset);
        let question = Question {
            by: BalanceBy::Total,
            within: Within::default(),
            as_of: today,
            known_on: None,
            without: None,
            foreseen_after: None,
        };
        let sums = self.desk().store.balances(&question).await?;
        let text = sums.first().map_or_else(
            || "JPY 0".to_owned(),
            |one| {
                Money::new(one.amount, one.currency)
                    .map(|sum| sum.to_string())
                    .unwrap_or_default()
            },
        );
        let line = self
            .narrator
            .pick("outstanding in total", "保証債務残高合計");
        Narrator::line(&format!("{line}: {text}"));
        Ok(())
    }

    /// Waits until an instant has passed by the hub's clock.
    pub(super) async fn until(&self, instant: Timestamp) {
        let mut looks = tokio::time::interval(Duration::from_millis(50));
        while self.now() < instant {
            looks.tick().await;
        }
    }

    /// How to read the mails oneself.
    pub(super) async fn epilogue(&self) -> anyhow::Result<()> {
        let directory = self.directory.display();
        let sample = self
            .mails()
            .await?
            .into_iter()
            .rev()
            .find(|mail| mail.name == "key");
        let (file, party) = sample.map_or_else(
            || (String::new(), String::new()),
            |mail| {
                (
                    shown(&self.file_of(&mail)),
                    mail.recipient
                        .map(|who| who.to_string())
                        .unwrap_or_default(),
                )
            },
        );
        self.narrator.act("Try it yourself", "ご自身で確かめるには");
        let lines = [
            format!("mkdir -m 700 {directory}/gnupg; export GNUPGHOME={directory}/gnupg"),
            format!(
                "gpg --import {directory}/keys/{party}.secret.asc {directory}/keys/hub.public.asc"
            ),
            format!("gpg --decrypt {file}"),
            format!(
                "bondhub key verify {directory}/keys/performance-v2.bondkey --ca {directory}/keys/issuer-ca.pem"
            ),
            format!(
                "openssl cms -verify -cades -binary -inform PEM -in {directory}/keys/performance-v2.bondkey -CAfile {directory}/keys/issuer-ca.pem"
            ),
            format!("bondhub --config {directory}/bondhub.toml bond list"),
            format!("bondhub --config {directory}/bondhub.toml event list"),
        ];
        for line in lines {
            Narrator::line(&line);
        }
        Ok(())
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn shown_by(look: &Look) -> String {
    match &look.shown {
        Shown::Existence {
            principal,
            opening_at,
            ..
        } => {
            let opening = opening_at.map(|at| at.to_rfc3339()).unwrap_or_default();
            format!(
                "{} exists, for {principal}; its content is shown from {opening}",
                look.bond
            )
        }
        Shown::Content(view) => format!(
            "{} v{}, {}, until {}, {}",
            look.bond,
            view.bond.version,
            view.bond.terms.amount,
            view.bond.terms.period.to(),
            view.bond.state,
        ),
    }
}

/// Settings for a folder; written there, so that every command can be tried on it.
/// Passkeys are bound to the address that browsers see; one that others can reach asks for more settings than a play has.
fn settings_for(directory: &Path, listen: SocketAddr) -> anyhow::Result<Settings> {
    std::fs::create_dir_all(directory)?;
    let directory = directory.canonicalize()?;
    let path = |name: &str| directory.join(name).display().to_string();
    let port = listen.port();
    let text = format!(
        "[database]\nurl = {:?}\n[broker]\nurl = {:?}\nout_file = {:?}\n[mail]\nurl = {:?}\n\
         [openpgp]\nhub_key_file = {:?}\n[vault]\nmaster_key_file = {:?}\npepper_file = {:?}\n\
         [hub]\nclock_interval_ms = 200\n[http]\nlisten = \"127.0.0.1:{port}\"\n[log]\nlevel = \"warn\"\n",
        format!("sqlite:{}", path("bondhub.db")),
        format!("spool:{}", path("spool")),
        path("events-out.jsonl"),
        format!("file:{}", path("mail")),
        path("secrets/hub.pgp"),
        path("secrets/master.key"),
        path("secrets/pepper.key"),
    );
    let file = directory.join("bondhub.toml");
    std::fs::write(&file, text)?;
    Ok(Settings::load(Some(&file), std::iter::empty())?)
}
