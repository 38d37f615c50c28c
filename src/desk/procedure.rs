//! Acts of people where no feed reports (R8): announce, change, open, re-bid, award, conclude, change, complete.
//!
//! An act makes the same facts through the same door as an event of a feed: it is written as one, with the person as
//! its source, and a feed that reports the same later merges with it by business time. It can be rehearsed: what
//! would happen, to which bonds, keys and mails, with nothing done.

mod permission;
mod rehearsal;

use bondhub_core::{
    calendar::Timestamp,
    event::{Arrival, EventIdentity, Stamp, TYPE_PREFIX, hex_digest},
    identifier::{BondId, ProcurementId},
    matching::{Discrepancy, Grade},
    ports::store::{CaseView, EventRow, EventState},
    procurement::{BondFact, Fact, Lesson, Scope, Waiver},
    rules::RuleOverride,
};
use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::{Desk, DeskError, Refusal, Taken};
use crate::hub::{
    decide::Work,
    read::{Content, Incoming, is_ahead, too_early},
};

pub use rehearsal::{BondChange, KeyChange, Mailing, Rehearsal};

/// What people can report of a procurement, as the feeds' events name it (CONTRACT §1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A tender was announced.
    TenderAnnounced,
    /// A tender was changed.
    TenderChanged,
    /// A tender or lot was cancelled.
    TenderCancelled,
    /// A tender or lot ended without an award.
    TenderUnsuccessful,
    /// A contractor handed in its bid.
    BidSubmitted,
    /// The bids were opened.
    BidOpened,
    /// The bidders were asked to bid again.
    RebidCalled,
    /// An award is on hold.
    AwardPending,
    /// An award was decided.
    AwardDecided,
    /// An award was cancelled.
    AwardCancelled,
    /// The winner refuses to sign.
    AwardDeclined,
    /// A contract was concluded.
    ContractConcluded,
    /// A contract was changed.
    ContractChanged,
    /// A contract was completed.
    ContractCompleted,
    /// A contract ended early.
    ContractTerminated,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 15] = [
        Self::TenderAnnounced,
        Self::TenderChanged,
        Self::TenderCancelled,
        Self::TenderUnsuccessful,
        Self::BidSubmitted,
        Self::BidOpened,
        Self::RebidCalled,
        Self::AwardPending,
        Self::AwardDecided,
        Self::AwardCancelled,
        Self::AwardDeclined,
        Self::ContractConcluded,
        Self::ContractChanged,
        Self::ContractCompleted,
        Self::ContractTerminated,
    ];

    /// Reads what [`Step::kind`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.kind() == text)
    }

    /// The type of the event, without prefix.
    pub fn kind(self) -> &'static str {
        match self {
            Self::TenderAnnounced => "tender.announced",
            Self::TenderChanged => "tender.changed",
            Self::TenderCancelled => "tender.cancelled",
            Self::TenderUnsuccessful => "tender.unsuccessful",
            Self::BidSubmitted => "bid.submitted",
            Self::BidOpened => "bid.opened",
            Self::RebidCalled => "rebid.called",
            Self::AwardPending => "award.pending",
            Self::AwardDecided => "award.decided",
            Self::AwardCancelled => "award.cancelled",
            Self::AwardDeclined => "award.declined",
            Self::ContractConcluded => "contract.concluded",
            Self::ContractChanged => "contract.changed",
            Self::ContractCompleted => "contract.completed",
            Self::ContractTerminated => "contract.terminated",
        }
    }
}

/// An act of a person.
#[derive(Debug, Clone)]
pub struct Deed {
    /// In which case.
    pub procurement: ProcurementId,
    /// What happened.
    pub what: Happening,
    /// When it happened; none is now.
    pub at: Option<Timestamp>,
    /// Who reports it.
    pub by: String,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Happening {
    /// What a feed could have reported, with the data of its event.
    Step(Step, Value),
    /// A second person confirms an opening that was brought forward (E2).
    OpeningConfirmed(Scope, Timestamp),
    /// The case has rates or thresholds of its own (R7).
    OwnRules(RuleOverride),
    /// A person waives a finding of the match (R7).
    Waived(BondId, Box<Waiver>),
}

impl Happening {
    /// Whether four eyes are asked for (E2): somebody other than who began it says so.
    pub fn needs_second_person(&self) -> bool {
        match self {
            Self::OpeningConfirmed(..) => true,
            Self::Step(..) | Self::OwnRules(_) | Self::Waived(..) => false,
        }
    }
}

impl Desk {
    /// Does what a person reports at the hub's own machine, where the operating system's account is the authority. What
    /// needs a second person is not done so: a name that is only said is nobody's word ([`Desk::deed_of`]).
    pub async fn deed(&self, deed: &Deed) -> Result<Taken, DeskError> {
        if deed.what.needs_second_person() {
            return Err(Refusal::SecondPerson.into());
        }
        self.perform_deed(deed).await
    }

    async fn perform_deed(&self, deed: &Deed) -> Result<Taken, DeskError> {
        self.perform(self.incoming(deed).await?).await
    }

    /// What a deed would lead to. Nothing is written, nobody is told. It is the whole of it, for the command line: whoever is signed
    /// in gets [`Desk::rehearse_of`].
    pub async fn rehearse(&self, deed: &Deed) -> Result<Rehearsal, DeskError> {
        let incoming = self.incoming(deed).await?;
        if let Content::Refused(rejection) = incoming.content {
            return Err(DeskError::Rejected(rejection));
        }
        let decision = self.bench.rehearse(Work::Event(Box::new(incoming))).await?;
        rehearsal::of(&decision).map_err(DeskError::Rejected)
    }

    /// A case as it is known.
    pub async fn case(&self, procurement: &ProcurementId) -> Result<CaseView, DeskError> {
        let case = self.store.case(procurement).await?;
        case.ok_or_else(|| DeskError::NotFound(format!("case {procurement}")))
    }

    /// The cases, the last changed first.
    pub async fn cases(&self, limit: u32) -> Result<Vec<CaseView>, DeskError> {
        Ok(self.store.cases(limit).await?)
    }

    /// The waiver of a finding that a bond has now. What is fatal cannot be waived (R7).
    pub async fn waiver(
        &self,
        bond: &BondId,
        finding: &str,
        reason: &str,
        by: &str,
    ) -> Result<Deed, DeskError> {
        let what = self.finding(bond, finding).await?;
        if reason.trim().is_empty() {
            return Err(Refusal::WaiverWithoutReason.into());
        }
        let view = self.store.bond(bond).await?;
        let view = view.ok_or_else(|| DeskError::NotFound(format!("bond {bond}")))?;
        let waiver = Waiver {
            what,
            by: by.to_owned(),
            reason: reason.trim().to_owned(),
        };
        Ok(Deed {
            procurement: view.bond.terms.procurement,
            what: Happening::Waived(bond.clone(), Box::new(waiver)),
            at: None,
            by: by.to_owned(),
        })
    }

    async fn finding(&self, bond: &BondId, code: &str) -> Result<Discrepancy, DeskError> {
        let view = self.store.bond(bond).await?;
        let view = view.ok_or_else(|| DeskError::NotFound(format!("bond {bond}")))?;
        let case = self.case(&view.bond.terms.procurement).await?;
        let record = case.file.carried.bonds.get(bond);
        let result = record.and_then(|record| record.matched.as_ref());
        let mut findings = result.into_iter().flat_map(|result| &result.findings);
        let found = findings.find(|found| found.finding.what.code() == code);
        match found.map(|found| &found.finding) {
            None => Err(DeskError::NotFound(format!(
                "a finding `{code}` of bond {bond}"
            ))),
            Some(finding) if finding.grade == Grade::Fatal => {
                let finding = code.to_owned();
                Err(Refusal::FatalFinding { finding }.into())
            }
            Some(finding) => Ok(finding.what.clone()),
        }
    }

    async fn incoming(&self, deed: &Deed) -> Result<Incoming, DeskError> {
        if deed.at.is_some_and(|at| is_ahead(at, self.clock.now())) {
            return Err(DeskError::Rejected(too_early("/time")));
        }
        match &deed.what {
            Happening::Step(step, data) => self.as_event(deed, *step, data).await,
            Happening::OpeningConfirmed(scope, at) => {
                let data = json!({"scope": scope, "opening_at": at});
                let (scope, at) = (scope.clone(), *at);
                let fact = Fact::OpeningConfirmed { scope, at };
                Ok(self.as_fact(deed, "opening.confirmed", &data, fact))
            }
            Happening::OwnRules(rules) => {
                let fact = Fact::OwnRules(rules.clone());
                Ok(self.as_fact(deed, "case.rules", &json!(rules), fact))
            }
            Happening::Waived(bond, waiver) => {
                let data =
                    json!({"bond": bond, "finding": waiver.what.code(), "reason": waiver.reason});
                let fact = Fact::Bond {
                    bond: bond.clone(),
                    fact: BondFact::Waived((**waiver).clone()),
                };
                Ok(self.as_fact(deed, "finding.waived", &data, fact))
            }
        }
    }

    /// Through the feeds' own door: the same checks, the same facts.
    async fn as_event(&self, deed: &Deed, step: Step, data: &Value) -> Result<Incoming, DeskError> {
        let now = self.clock.now();
        let mut event = json!({
            "specversion": "1.0", "source": source(&deed.by),
            "type": format!("{TYPE_PREFIX}{}", step.kind()),
            "subject": deed.procurement, "time": written(deed.at.unwrap_or(now)),
            "datacontenttype": "application/json", "data": data, "received": written(now),
        });
        let id = hex_digest(event.to_string().as_bytes());
        if let Some(members) = event.as_object_mut() {
            members.remove("received");
            members.insert("id".to_owned(), id.into());
        }
        let arrival = Arrival {
            body: serde_json::to_vec(&event).unwrap_or_default(),
            ..Arrival::default()
        };
        let directory = self.directory().await?;
        let mut read = self.reader.read(&arrival, &directory, now);
        read.pop().ok_or_else(|| Refusal::EmptyAct.into())
    }

    fn as_fact(&self, deed: &Deed, kind: &str, data: &Value, fact: Fact) -> Incoming {
        let now = self.clock.now();
        let time = deed.at.unwrap_or(now);
        let body = json!({"kind": kind, "subject": deed.procurement, "data": data, "at": time, "received": now});
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let digest = hex_digest(&body);
        let identity = EventIdentity {
            source: source(&deed.by),
            id: digest.clone(),
        };
        let stamp = Stamp {
            time,
            sequence: 0,
            event: identity.clone(),
        };
        let row = EventRow {
            id: EventRow::key(&identity, ""),
            identity,
            kind: kind.to_owned(),
            subject: Some(deed.procurement.clone()),
            time,
            digest,
            state: EventState::Applied,
            rejection: None,
            waits_for: None,
            body,
            sealed: false,
            content_type: None,
            received_at: now,
        };
        Incoming {
            row,
            content: Content::Facts {
                procurement: deed.procurement.clone(),
                lesson: Lesson {
                    stamp,
                    facts: vec![fact],
                },
                document: None,
            },
            actor: None,
            before: None,
        }
    }
}

/// The source of what a person reports: by it a second person is told from the first. No name is in it, since events are
/// named in the audit chain, where nothing personal may stand (R72); who it was stands beside the chain.
fn source(by: &str) -> String {
    let person = hex_digest(by.trim().to_lowercase().as_bytes());
    format!("act:{}", person.get(..16).unwrap_or(&person))
}

fn written(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
