//! Assembly: the one place that names concrete adapters and wires them to ports.
//!
//! `tools` is what the command line does without a hub, `demonstration` what only the demonstration
//! needs.

mod audit;
mod demonstration;
mod desk_key;
mod gatehouse;
mod tools;
mod trust;
mod vault;

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, anyhow};
use bondhub_amqp::{Broker, BrokerUrl as AmqpUrl};
use bondhub_core::{
    audit::Actor,
    calendar::Timestamp,
    ports::{
        Clock, Randomness,
        feed::Feed,
        mail::Post,
        queue::{Intake, Publish, Submit},
        store::Store,
    },
};
use bondhub_e_bidding::EBidding;
use bondhub_e_contract::EContract;
use bondhub_mail::{Composer, FilePost, SmtpPost, SmtpSettings, SmtpTimeouts};
use bondhub_ocds::Ocds;
use bondhub_openpgp::{CertificateReader, HubKey, Sealer};
use bondhub_signing::Signatures;
use bondhub_spool::Spool;
use bondhub_store_postgres::{PostgresSettings, PostgresStore};
use bondhub_store_sqlite::SqliteStore;

use crate::{
    console::{Address, Console, Sessions},
    desk::{Desk, Gatehouse, Looking},
    hub::{
        directory::Directories,
        lane::Bench,
        prepare::{Sender, Workshop},
        read::Reader,
        relay::{Handoff, PostCourier, PublishCourier, RetrySchedule},
        running::{Parts, Running, Tuning},
        system::{SystemClock, SystemRandomness},
    },
    letters::Letters,
    settings::{BrokerUrl, DatabaseUrl, MailUrl, Settings},
    vault::{MasterKey, Pepper},
};

pub use audit::head_signer;
pub use demonstration::{DemoIssuer, DemoReader, demo_issuer, demo_reader};
pub use desk_key::DeskKey;
pub use tools::{
    hub_certificate, is_in_token, make_hub_key, sign_document, sign_document_in_token,
    signature_checker, verify_key,
};
pub use vault::make_token_key;

/// Opens the store and refuses a schema it was not written for.
pub async fn store(settings: &Settings) -> anyhow::Result<Arc<dyn Store>> {
    match &settings.database.url {
        DatabaseUrl::Sqlite(path) => {
            let store = sqlite(path).await?;
            store.check().await?;
            Ok(Arc::new(store))
        }
        DatabaseUrl::Postgres(url) => {
            let store = postgres(settings, url.expose()).await?;
            store.check().await?;
            Ok(Arc::new(store))
        }
    }
}

/// Brings the schema up to date.
pub async fn migrate(settings: &Settings) -> anyhow::Result<()> {
    match &settings.database.url {
        DatabaseUrl::Sqlite(path) => Ok(sqlite(path).await?.migrate().await?),
        DatabaseUrl::Postgres(url) => Ok(postgres(settings, url.expose()).await?.migrate().await?),
    }
}

async fn sqlite(path: &Path) -> anyhow::Result<SqliteStore> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let path = path
        .to_str()
        .ok_or_else(|| anyhow!("database.url is not Unicode"))?;
    Ok(SqliteStore::open(path).await?)
}

async fn postgres(settings: &Settings, url: &str) -> anyhow::Result<PostgresStore> {
    let settings = PostgresSettings {
        connections: settings.database.connections,
        ..PostgresSettings::new(url)
    };
    Ok(PostgresStore::connect(&settings).await?)
}

/// What a hub and a desk share.
pub struct Ground {
    store: Arc<dyn Store>,
    directories: Arc<Directories>,
    reader: Arc<Reader>,
    workshop: Arc<Workshop>,
    signatures: Arc<Signatures>,
    master: Arc<MasterKey>,
    pepper: Arc<Pepper>,
    gatehouse: Arc<Gatehouse>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    sealer: Arc<Sealer>,
}

/// Lays the ground: store, keys, parties, workshop.
pub async fn ground(settings: &Settings, clock: Arc<dyn Clock>) -> anyhow::Result<Ground> {
    let randomness: Arc<dyn Randomness> = Arc::new(SystemRandomness);
    let master = Arc::new(vault::master_key(&settings.vault)?);
    let pepper = Arc::new(Pepper::read(&settings.vault.pepper_file)?);
    let sealer = Arc::new(sealer(settings, clock.now())?);
    let store = store(settings).await?;
    let policy = settings.rules.to_policy();
    let directories = Directories::open(Arc::clone(&store), policy, Arc::clone(&master)).await?;
    let signatures = Arc::new(trust::signatures(&settings.trust)?);
    let feeds: Vec<Box<dyn Feed>> = vec![Box::new(EBidding), Box::new(EContract), Box::new(Ocds)];
    let reader = Reader {
        feeds,
        verifier: Arc::clone(&signatures) as _,
        master: Arc::clone(&master),
        randomness: Arc::clone(&randomness),
        max_bytes: settings.hub.event_max_bytes,
        attachment_max_bytes: settings.vault.attachment_max_bytes,
    };
    let keys = (&master, &pepper);
    let workshop = workshop(settings, &signatures, keys, &randomness, &sealer)?;
    Ok(Ground {
        store,
        directories: Arc::new(directories),
        reader: Arc::new(reader),
        workshop: Arc::new(workshop),
        signatures,
        master,
        pepper,
        gatehouse: Arc::new(gatehouse::gatehouse(settings)?),
        clock,
        randomness,
        sealer,
    })
}

fn sealer(settings: &Settings, now: Timestamp) -> anyhow::Result<Sealer> {
    let file = &settings.openpgp.hub_key_file;
    let bytes = std::fs::read(file)
        .with_context(|| format!("cannot read {}; `bondhub init` makes it", file.display()))?;
    let key = HubKey::load(&bytes, None, now)
        .with_context(|| format!("{} cannot be used", file.display()))?;
    Ok(Sealer::new(key))
}

fn workshop(
    settings: &Settings,
    signatures: &Arc<Signatures>,
    (master, pepper): (&Arc<MasterKey>, &Arc<Pepper>),
    randomness: &Arc<dyn Randomness>,
    sealer: &Arc<Sealer>,
) -> anyhow::Result<Workshop> {
    let own_events = settings.broker.own_events.clone();
    Ok(Workshop {
        signer: Arc::clone(signatures) as _,
        encrypt: Arc::clone(sealer) as _,
        compose: Arc::new(Composer::new()),
        letters: Letters::new()?,
        pepper: Arc::clone(pepper),
        master: Arc::clone(master),
        randomness: Arc::clone(randomness),
        sender: Sender {
            address: settings.mail.from.clone(),
            name: settings.mail.from_name.clone(),
            domain: settings.mail.domain.clone(),
            source: format!("//{}/bondhub", settings.mail.domain),
        },
        publishes: Box::new(move |kind| own_events.wants(kind)),
    })
}

/// The desk alone: for commands beside a running hub. What it commits, the running hub sends.
pub async fn desk(settings: &Settings) -> anyhow::Result<Arc<Desk>> {
    desk_at(settings, Arc::new(SystemClock)).await
}

/// The desk alone, by this clock.
pub async fn desk_at(settings: &Settings, clock: Arc<dyn Clock>) -> anyhow::Result<Arc<Desk>> {
    let ground = ground(settings, clock).await?;
    let actor = Actor::CommandLine(system_user());
    Ok(Arc::new(desk_on(&ground, settings, actor)))
}

/// Who types the commands, by the operating system's word.
pub fn system_user() -> String {
    let named = ["SUDO_USER", "USER", "LOGNAME"].into_iter();
    let mut named = named.filter_map(|name| std::env::var(name).ok());
    let found = named.find(|user| !user.is_empty());
    found.unwrap_or_else(|| "command line".to_owned())
}

fn desk_on(ground: &Ground, settings: &Settings, actor: Actor) -> Desk {
    let bench = Bench {
        store: Arc::clone(&ground.store),
        directories: Arc::clone(&ground.directories),
        workshop: Arc::clone(&ground.workshop),
        clock: Arc::clone(&ground.clock),
        handoff: Handoff::none(),
        batch_size: settings.hub.batch_size,
        batch_age: settings.hub.batch_age,
    };
    Desk {
        store: Arc::clone(&ground.store),
        directories: Arc::clone(&ground.directories),
        bench: Arc::new(bench),
        reader: Arc::clone(&ground.reader),
        signer: Arc::clone(&ground.signatures) as _,
        certificates: Arc::new(CertificateReader::new()),
        master: Arc::clone(&ground.master),
        pepper: Arc::clone(&ground.pepper),
        copies: vault::copies(settings),
        confirmation: settings.openpgp.operator_confirms,
        reports: vault::reports(),
        looking: Arc::new(Looking::new(
            Arc::clone(&ground.store),
            settings.looking.allowance,
            settings.accounts.demand,
        )),
        gatehouse: Arc::clone(&ground.gatehouse),
        clock: Arc::clone(&ground.clock),
        randomness: Arc::clone(&ground.randomness),
        actor,
    }
}

/// The pages over a desk.
pub fn console(desk: &Arc<Desk>, settings: &Settings) -> anyhow::Result<Arc<Console>> {
    let address = Address {
        origin: settings.http.public_url.clone(),
        upload_max_bytes: settings.http.upload_max_bytes,
    };
    let sessions = Arc::new(Sessions(Arc::clone(desk)));
    let console = Console::new(Arc::clone(desk), sessions, address)?;
    Ok(Arc::new(console))
}

/// A hub at work, the desk beside it, and the way to hand events to its queue.
pub struct House {
    /// The hub.
    pub running: Running,
    /// The use cases.
    pub desk: Arc<Desk>,
    /// Hands events to the hub's own queue.
    pub submit: Arc<dyn Submit>,
    /// Whether the broker is connected; none for the spool, which is always there.
    pub broker: Option<Arc<Broker>>,
}

/// Starts the hub.
pub async fn house(settings: &Settings) -> anyhow::Result<House> {
    house_at(settings, Arc::new(SystemClock)).await
}

/// Starts the hub, by this clock.
pub async fn house_at(settings: &Settings, clock: Arc<dyn Clock>) -> anyhow::Result<House> {
    let ground = ground(settings, clock).await?;
    let desk = Arc::new(desk_on(&ground, settings, Actor::Hub));
    let queue = queue(settings, &ground).await?;
    let signer = Arc::clone(&ground.sealer) as _;
    let heads = audit::head_signer_on(settings, Arc::clone(&ground.store), signer);
    let post = post(settings)?;
    let parts = Parts {
        store: ground.store,
        queue: queue.intake,
        reader: ground.reader,
        directories: ground.directories,
        workshop: ground.workshop,
        mail: Arc::new(PostCourier {
            post,
            schedule: schedule(settings),
        }),
        events: Arc::new(PublishCourier {
            publish: queue.publish,
            schedule: schedule(settings),
        }),
        master: ground.master,
        heads,
        clock: ground.clock,
        randomness: ground.randomness,
        tuning: tuning(settings),
    };
    let running = Running::start(parts)?;
    Ok(House {
        running,
        desk,
        submit: queue.submit,
        broker: queue.broker,
    })
}

fn tuning(settings: &Settings) -> Tuning {
    Tuning {
        lanes: settings.hub.lanes,
        batch_size: settings.hub.batch_size,
        batch_age: settings.hub.batch_age,
        relay_batch: settings.hub.relay_batch,
        mail_relays: 2,
        lease: settings.hub.lease,
        interval: settings.hub.clock_interval,
        poll: Duration::from_millis(500),
    }
}

fn schedule(settings: &Settings) -> RetrySchedule {
    RetrySchedule {
        delays: settings.hub.retry.clone(),
        give_up_after: settings.hub.give_up_after,
    }
}

struct Queue {
    intake: Box<dyn Intake>,
    publish: Arc<dyn Publish>,
    submit: Arc<dyn Submit>,
    broker: Option<Arc<Broker>>,
}

async fn queue(settings: &Settings, ground: &Ground) -> anyhow::Result<Queue> {
    match &settings.broker.url {
        BrokerUrl::Spool(directory) => {
            let spool = spool(settings, directory, &ground.clock, &ground.randomness)?;
            let publisher = spool.publisher();
            Ok(Queue {
                intake: Box::new(spool.intake()?),
                publish: Arc::new(publisher.clone()),
                submit: Arc::new(publisher),
                broker: None,
            })
        }
        BrokerUrl::Amqp(url) => {
            let broker = broker(settings, url.expose(), &ground.clock, &ground.randomness)?;
            broker.check().await?;
            let publisher = Arc::new(broker.publisher());
            Ok(Queue {
                intake: Box::new(broker.intake()),
                publish: Arc::clone(&publisher) as _,
                submit: publisher,
                broker: Some(Arc::new(broker)),
            })
        }
    }
}

fn spool(
    settings: &Settings,
    directory: &Path,
    clock: &Arc<dyn Clock>,
    randomness: &Arc<dyn Randomness>,
) -> anyhow::Result<Spool> {
    let spool = bondhub_spool::Settings {
        directory: directory.to_owned(),
        events_out: settings.broker.out_file.clone(),
        event_limit: settings.hub.event_max_bytes,
        ..bondhub_spool::Settings::new(directory)
    };
    Ok(Spool::open(
        spool,
        Arc::clone(clock),
        Arc::clone(randomness),
    )?)
}

fn broker(
    settings: &Settings,
    url: &str,
    clock: &Arc<dyn Clock>,
    randomness: &Arc<dyn Randomness>,
) -> anyhow::Result<Broker> {
    let authorities = settings.broker.authorities_file.as_deref();
    let authorities_pem = authorities
        .map(read)
        .transpose()?
        .map(String::from_utf8)
        .transpose()?;
    let broker = bondhub_amqp::Settings {
        authorities_pem,
        prefetch: settings.broker.prefetch,
        partitions: settings.broker.partitions,
        ..bondhub_amqp::Settings::new(AmqpUrl::parse(url)?)
    };
    Ok(Broker::new(
        broker,
        Arc::clone(clock),
        Arc::clone(randomness),
    ))
}

/// The way to hand events to the hub's queue, without a hub.
pub async fn submit(settings: &Settings) -> anyhow::Result<Arc<dyn Submit>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let randomness: Arc<dyn Randomness> = Arc::new(SystemRandomness);
    match &settings.broker.url {
        BrokerUrl::Spool(directory) => Ok(Arc::new(
            spool(settings, directory, &clock, &randomness)?.publisher(),
        )),
        BrokerUrl::Amqp(url) => {
            let broker = broker(settings, url.expose(), &clock, &randomness)?;
            broker.check().await?;
            Ok(Arc::new(broker.publisher()))
        }
    }
}

fn post(settings: &Settings) -> anyhow::Result<Arc<dyn Post>> {
    let mail = &settings.mail;
    match &mail.url {
        MailUrl::Files(directory) => Ok(Arc::new(FilePost::new(directory)?)),
        MailUrl::Smtp { host, port, tls } => {
            let scheme = if *tls { "smtps" } else { "smtp" };
            let host = if host.contains(':') {
                format!("[{host}]")
            } else {
                host.clone()
            };
            let (user, password) =
                mail.account
                    .as_ref()
                    .map_or((None, None), |(user, password)| {
                        (
                            Some(user.clone()),
                            Some(password.expose().to_owned().into()),
                        )
                    });
            Ok(Arc::new(SmtpPost::new(SmtpSettings {
                url: format!("{scheme}://{host}:{port}"),
                // The settings have refused an insecure server unless it was allowed.
                insecure: true,
                authorities: mail.authorities_file.as_deref().map(read).transpose()?,
                user,
                password,
                sender: mail.from.clone(),
                hello: mail.hello_name.clone(),
                connections: usize::try_from(mail.connections)?,
                timeouts: SmtpTimeouts {
                    connect: mail.connect_timeout,
                    command: mail.command_timeout,
                    data: mail.data_timeout,
                },
            })?))
        }
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
