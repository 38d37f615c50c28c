//! The demonstration: both business flows on the embedded default, on the same path as production.
//!
//! | file | concern |
//! |---|---|
//! | `cast` | the parties, with certificates and keys made for the play |
//! | `stage` | a folder, its settings, the running hub, waiting until it is quiet |
//! | `people` | an account for each member of the cast |
//! | `papers` | event files and the documents the issuer signs |
//! | `mailbox` | what arrived, and the key files in it |
//! | `bidding`, `contract` | the two flows, F01 and F02 |
//! | `under_way` | what the pages then show as still open |
//! | `narrator` | the readable account, in English or Japanese |

mod bidding;
mod cast;
mod contract;
mod mailbox;
mod narrator;
mod papers;
mod people;
mod stage;
mod under_way;

use std::{net::SocketAddr, path::PathBuf};

use bondhub_core::party::Language;

pub(crate) use stage::Stage;

/// Plays both flows in a folder and returns the stage, its hub still running.
pub(crate) async fn play(
    directory: PathBuf,
    language: Language,
    listen: SocketAddr,
) -> anyhow::Result<Stage> {
    let mut stage = Stage::set(directory, language, listen).await?;
    bidding::play(&mut stage).await?;
    contract::play(&mut stage).await?;
    under_way::play(&mut stage).await?;
    people::settle(stage.desk(), stage.narrator, language).await?;
    stage.epilogue().await?;
    Ok(stage)
}
