//! Limits that are exceeded: noticed, told to their issuer once, and noticed to be kept again.
//!
//! It is no effect of a case: what is outstanding between an issuer and a contractor is a sum over cases, and two of them may
//! exceed a limit together that neither exceeds alone. So it is looked at after the commit: at once for what was done at the
//! desk, and by the running hub every minute for what events did, and for what days that pass do.

use std::{collections::BTreeSet, time::Duration};

use bondhub_core::{
    audit::{Act, Actor},
    document,
    identifier::{BondId, PartyCode},
    money::Currency,
    ports::store::{Commit, ExceededRow},
};
use tokio_util::sync::CancellationToken;

use super::LimitUse;
use crate::{
    desk::{Desk, DeskError, parties::subject},
    hub::prepare::{About, PersonalMail},
    letters::Personal,
};

const PAUSE: Duration = Duration::from_mins(1);

/// Looks at all limits every minute, until told to stop.
pub async fn watch_exposures(desk: Desk, stop: CancellationToken) {
    let desk = desk.by(Actor::Hub);
    loop {
        if let Err(error) = desk.watch_limits(None).await {
            tracing::warn!("limits cannot be looked at: {error}");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

impl Desk {
    /// Compares limits with what is outstanding today, of one issuer or of all. Tells how many were newly noticed to be exceeded,
    /// or to be kept again.
    pub async fn watch_limits(&self, issuer: Option<&PartyCode>) -> Result<usize, DeskError> {
        let uses = self.uses(issuer, None).await?;
        self.note_uses(issuer, None, &uses).await
    }

    /// The limits that are exceeded for whoever answers for the bond a signed document is about; noticed on the way, and
    /// told to whoever acts without what that one may not see. For whoever may see that issuer's limits.
    pub async fn exceeded_by(&self, document: &[u8]) -> Result<Vec<LimitUse>, DeskError> {
        let Some(bond) = self.claimed_bond(document) else {
            return Ok(Vec::new());
        };
        let Some(view) = self.store.bond(&bond).await? else {
            return Ok(Vec::new());
        };
        let principal = view.bond.terms.principal;
        let exceeded = self.exceeded_for(&bond.issuer, [principal].into()).await?;
        let mut told = self.for_whoever_acts(exceeded).await?;
        told.retain(LimitUse::is_exceeded);
        Ok(told)
    }

    /// The same for some contractors of an issuer, and the members of joint ventures among them.
    pub(in crate::desk) async fn exceeded_for(
        &self,
        issuer: &PartyCode,
        mut contractors: BTreeSet<PartyCode>,
    ) -> Result<Vec<LimitUse>, DeskError> {
        let directory = self.directory().await?;
        let members = contractors
            .iter()
            .filter_map(|code| directory.parties.get(code))
            .flat_map(|party| party.members.iter().map(|member| member.party.clone()));
        let members: Vec<PartyCode> = members.collect();
        contractors.extend(members);
        let mut uses = self.uses(Some(issuer), Some(&contractors)).await?;
        self.note_uses(Some(issuer), Some(&contractors), &uses)
            .await?;
        uses.retain(LimitUse::is_exceeded);
        Ok(uses)
    }

    fn claimed_bond(&self, document: &[u8]) -> Option<BondId> {
        let statement = self.claimed_statement(document)?;
        let (document::Act::Registration { number, .. } | document::Act::Update { number, .. }) =
            statement.act
        else {
            return None;
        };
        Some(BondId::new(statement.issuer, number))
    }

    /// Brings what is noted into line with the uses of the limits within a part.
    async fn note_uses(
        &self,
        issuer: Option<&PartyCode>,
        of: Option<&BTreeSet<PartyCode>>,
        uses: &[LimitUse],
    ) -> Result<usize, DeskError> {
        let mut noted = self.store.exceeded(issuer).await?;
        noted.retain(|row| of.is_none_or(|of| of.contains(&row.contractor)));
        let exceeded = || uses.iter().filter(|used| used.is_exceeded());
        let mut changes = 0;
        for used in exceeded() {
            if !noted.iter().any(|row| name_of(row) == used.name()) {
                changes += usize::from(self.tell_exceeded(used).await?);
            }
        }
        for row in &noted {
            if !exceeded().any(|used| used.name() == name_of(row)) {
                let with = self.told_watched(row, false);
                changes += usize::from(self.store.end_exceeded(row, &with).await?);
            }
        }
        Ok(changes)
    }

    async fn tell_exceeded(&self, used: &LimitUse) -> Result<bool, DeskError> {
        let now = self.clock.now();
        let row = ExceededRow {
            issuer: used.issuer.clone(),
            contractor: used.contractor.clone(),
            currency: used.currency,
            amount: used.limit,
            outstanding: used.outstanding,
            since: now,
        };
        let mut with = self.told_watched(&row, true);
        let book = self.store.book().await?;
        let issuer = book.parties.iter().find(|party| party.code == used.issuer);
        if let Some(reader) = issuer.filter(|party| !party.mail.is_empty()) {
            let letters = &self.bench.workshop.letters;
            let letter = Personal::LimitExceeded { at: now };
            let text = letters.personal(letter, reader, self.zone())?;
            let (contractor, currency) = (&used.contractor, used.currency);
            let mail = PersonalMail {
                name: "limit_exceeded",
                about: About::Limits,
                cause: format!("{}:{contractor}:{currency}:{now}", used.issuer),
                reader,
                text: &text,
                now,
            };
            with.outbox
                .push(self.encrypted_if_possible(&book, reader, &mail)?);
        }
        Ok(self.store.note_exceeded(&row, &with).await?)
    }

    fn told_watched(&self, row: &ExceededRow, exceeded: bool) -> Commit {
        let told = self
            .told(Act::LimitWatched, subject(&row.contractor))
            .with("issuer", row.issuer.as_str())
            .with("exceeded", exceeded)
            .privately("currency", row.currency.as_str());
        Commit {
            now: self.clock.now(),
            audit: vec![told],
            ..Commit::default()
        }
    }
}

/// Whose limit, for whom, in which currency.
type Name<'a> = (&'a PartyCode, &'a PartyCode, Currency);

impl LimitUse {
    fn name(&self) -> Name<'_> {
        (&self.issuer, &self.contractor, self.currency)
    }
}

fn name_of(row: &ExceededRow) -> Name<'_> {
    (&row.issuer, &row.contractor, row.currency)
}
