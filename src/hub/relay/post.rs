//! Mails by the post port.

use std::sync::Arc;

use async_trait::async_trait;
use bondhub_core::{
    calendar::Timestamp,
    ports::{
        mail::{Letter, Post, Posted},
        store::{LeasedItem, Verdict},
    },
};

use super::{Courier, RetrySchedule, schedule::GIVEN_BACK};

/// Sends mails.
pub struct PostCourier {
    /// The way out.
    pub post: Arc<dyn Post>,
    /// When refused mails are sent again.
    pub schedule: RetrySchedule,
}

#[async_trait]
impl Courier for PostCourier {
    async fn deliver(&self, items: &[LeasedItem], now: Timestamp) -> Vec<Verdict> {
        let letters: Vec<Letter> = items.iter().map(letter).collect();
        let posted = self.post.post(&letters).await;
        items
            .iter()
            .zip(posted)
            .map(|(item, posted)| self.verdict(item, posted, now))
            .collect()
    }
}

impl PostCourier {
    fn verdict(&self, item: &LeasedItem, posted: Posted, now: Timestamp) -> Verdict {
        match posted {
            Posted::Accepted(reply) => Verdict::Sent(reply),
            Posted::Refused {
                reply,
                permanent: true,
            } => Verdict::Failed(reply),
            Posted::Refused {
                reply,
                permanent: false,
            } => self.schedule.again(item, reply, now),
            Posted::Down(reason) => Verdict::GiveBack(now + GIVEN_BACK, reason),
            Posted::Unknown(reason) => Verdict::Uncertain(reason),
        }
    }
}

fn letter(item: &LeasedItem) -> Letter {
    Letter {
        to: item.row.to.clone(),
        message_id: item.row.message_id.clone(),
        bytes: item.row.body.clone(),
    }
}
