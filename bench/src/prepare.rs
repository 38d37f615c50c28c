//! Parties and keys at the hub's desk; events to the hub's queue.

use anyhow::Context as _;
use bondhub::{
    assemble::{self, DemoIssuer, DemoReader},
    settings::Settings,
};
use bondhub_core::{identifier::PartyCode, ports::queue::Outgoing};
use chrono::TimeDelta;
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::scene::{self, Scene};

/// Who signs and who reads.
pub(crate) struct Cast {
    /// By number.
    pub(crate) issuers: Vec<DemoIssuer>,
    /// By number.
    pub(crate) readers: Vec<DemoReader>,
}

/// How many events wait for the broker's confirmation side by side.
const WINDOW: usize = 256;

/// Makes the parties and their keys, and enrols them at the desk.
pub(crate) async fn engage(scene: &Scene, settings: &Settings) -> anyhow::Result<Cast> {
    let desk = assemble::desk(settings).await?;
    let born = scene.begin - TimeDelta::days(1);
    for party in scene::silent_parties()? {
        desk.put_party(&party).await?;
    }
    let mut cast = Cast {
        issuers: Vec::new(),
        readers: Vec::new(),
    };
    for number in 0..scene::ISSUERS {
        let issuer = assemble::demo_issuer(&format!("Surety No. {number} Ltd."), born)?;
        let code = PartyCode::parse(&scene::issuer(number))?;
        desk.entrust(&code, &issuer.key_pem, None).await?;
        desk.document(&scene.instruction(number, &issuer)?).await?;
        cast.issuers.push(issuer);
    }
    for number in 0..scene.recipients {
        let party = scene::builder(number)?;
        desk.put_party(&party).await?;
        let reader = assemble::demo_reader(party.name_en.as_str(), &scene::address(number), born)?;
        desk.enrol(&party.code, &reader.certificate_armored()?, false)
            .await?;
        cast.readers.push(reader);
    }
    Ok(cast)
}

/// What there is before the load: each bond registered, its contract concluded and changed.
pub(crate) fn history(
    scene: &Scene,
    cast: &Cast,
    changes: u32,
) -> anyhow::Result<Vec<Vec<Outgoing>>> {
    let tenders = (0..scene.bonds).map(|bond| scene.tender(bond)).collect();
    let registration = |bond| {
        let issuer = usize::try_from(scene::issuer_of(bond))?;
        let issuer = cast.issuers.get(issuer).context("no such issuer")?;
        scene.registration(bond, issuer)
    };
    let registrations: anyhow::Result<_> = (0..scene.bonds).map(registration).collect();
    let conclusions = (0..scene.bonds)
        .map(|bond| scene.conclusion(bond))
        .collect();
    let mut rounds = vec![tenders, registrations?, conclusions];
    for change in 1..=changes {
        rounds.push(
            (0..scene.bonds)
                .map(|bond| scene.change(bond, change))
                .collect(),
        );
    }
    Ok(rounds)
}

/// The load: changes of all contracts in turn, the first of them after `history`.
pub(crate) fn load(scene: &Scene, history: u32, events: u32) -> Vec<Outgoing> {
    (0..events)
        .map(|index| scene.change(index % scene.bonds, history + 1 + index / scene.bonds))
        .collect()
}

/// Publishes events, persistent and confirmed.
pub(crate) async fn publish(settings: &Settings, events: Vec<Outgoing>) -> anyhow::Result<()> {
    let submit = assemble::submit(settings).await?;
    let submit = &submit;
    stream::iter(events)
        .map(|event| async move { submit.submit(event).await })
        .buffered(WINDOW)
        .try_collect::<()>()
        .await
        .context("publish the events")
}
