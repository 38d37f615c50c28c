//! Parties, bonds and notices of every kind, as they occur.

use std::collections::BTreeMap;

use bondhub_core::{
    bond::{BondKind, BondState, BondTerms, Instrument, Medium, Rule},
    calendar::{Period, Timestamp},
    identifier::{BondId, BondNumber, ContractId, LotId, PartyCode, ProcurementId},
    matching::{self, Discrepancy, Finding, Grade},
    money::{BasisPoints, Currency, Money},
    notice::{Notice, NoticeContent},
    party::{Language, Name, Party, Role},
    procurement::{Scope, WaitFor},
    task::{Subject, Task, TaskKey, TaskKind},
};
use chrono::{FixedOffset, NaiveDate};

use super::super::{Circumstances, KeyLetter, Letters, Text};
use bondhub_core::reconcile::KeyReason;

pub(super) const LANGUAGES: [Language; 2] = [Language::Ja, Language::En];
pub(super) const ROLES: [Role; 3] = [Role::Issuer, Role::Contractor, Role::Owner];
pub(super) const KINDS: [BondKind; 3] = [
    BondKind::Bid,
    BondKind::PerformanceReservation,
    BondKind::Performance,
];
pub(super) const REASONS: [KeyReason; 4] = [
    KeyReason::Registered,
    KeyReason::Updated,
    KeyReason::HandedOver,
    KeyReason::Reissued,
];
pub(super) const RULES: [Rule; 14] = [
    Rule::Registered,
    Rule::UpdatedByIssuer,
    Rule::ContractChanged,
    Rule::TenderCancelled,
    Rule::NoAward,
    Rule::ContractConcluded,
    Rule::AwardedToAnother,
    Rule::AwardDeclined,
    Rule::ContractCompleted,
    Rule::ContractTerminated,
    Rule::DeletedByIssuer,
    Rule::PeriodOver,
    Rule::TakenOver,
    Rule::ClaimSettled,
];

/// The compiler asks for a line here when a rule is added, and so for one in [`RULES`].
#[expect(dead_code, reason = "it only has to compile")]
fn every_rule_is_listed(rule: Rule) -> bool {
    match rule {
        Rule::Registered
        | Rule::UpdatedByIssuer
        | Rule::ContractChanged
        | Rule::TenderCancelled
        | Rule::NoAward
        | Rule::ContractConcluded
        | Rule::AwardedToAnother
        | Rule::AwardDeclined
        | Rule::ContractCompleted
        | Rule::ContractTerminated
        | Rule::DeletedByIssuer
        | Rule::PeriodOver
        | Rule::TakenOver
        | Rule::ClaimSettled => RULES.contains(&rule),
    }
}

pub(super) fn code(text: &str) -> PartyCode {
    PartyCode::parse(text).unwrap()
}

fn party(text: &str, role: Role, ja: &str, en: &str) -> Party {
    Party {
        code: code(text),
        roles: vec![role],
        name_ja: Name::parse(ja).unwrap(),
        name_en: Name::parse(en).unwrap(),
        mail: Vec::new(),
        language: Language::Ja,
        members: Vec::new(),
        accepts: None,
    }
}

pub(super) fn parties() -> BTreeMap<PartyCode, Party> {
    [
        party(
            "S1",
            Role::Issuer,
            "関東保証株式会社",
            "Kanto Surety Co., Ltd.",
        ),
        party(
            "C1",
            Role::Contractor,
            "青葉建設株式会社",
            "Aoba Construction Co., Ltd.",
        ),
        party(
            "O1",
            Role::Owner,
            "関東地方整備局",
            "Kanto Regional Development Bureau",
        ),
    ]
    .into_iter()
    .map(|party| (party.code.clone(), party))
    .collect()
}

pub(super) fn reader(role: Role, language: Language) -> Party {
    let mut found = parties()
        .into_values()
        .find(|party| party.roles.contains(&role))
        .unwrap();
    found.language = language;
    found
}

pub(super) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn yen(amount: i64) -> Money {
    Money::new(amount, Currency::JPY).unwrap()
}

pub(super) fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

pub(super) fn span() -> Period {
    Period::new(date(2026, 9, 1), date(2027, 9, 30)).unwrap()
}

pub(super) fn bond() -> BondId {
    BondId::new(code("S1"), BondNumber::parse("B-2026-0042").unwrap())
}

pub(super) fn contract() -> ContractId {
    ContractId::parse("K-2026-0042").unwrap()
}

pub(super) fn procurement() -> ProcurementId {
    ProcurementId::parse("ocds-jp0001-R8-0042").unwrap()
}

pub(super) fn terms(kind: BondKind) -> BondTerms {
    BondTerms {
        kind,
        instrument: Instrument::SuretyBond,
        medium: Medium::Electronic,
        principal: code("C1"),
        obligee: code("O1"),
        procurement: procurement(),
        lot: Some(LotId::parse("1").unwrap()),
        contract: (kind == BondKind::Performance).then(contract),
        amount: yen(120_000_000),
        period: span(),
        wording: String::new(),
        opening_at: None,
        forfeitable: kind == BondKind::Bid,
        converts_to: None,
        takes_over: None,
        attachments: Vec::new(),
    }
}

pub(super) const OPENING: &str = "2026-09-01T01:00:00Z";
pub(super) const BEFORE: &str = "2026-09-01T00:59:59.999999Z";
pub(super) const AFTER: &str = "2026-10-01T00:00:00Z";

/// Around the letters of a test, at `now`.
pub(super) struct World {
    pub(super) letters: Letters,
    pub(super) parties: BTreeMap<PartyCode, Party>,
    owner: PartyCode,
    pub(super) contractor: PartyCode,
    pub(super) title: String,
    pub(super) opening_at: Option<Timestamp>,
    now: Timestamp,
}

impl World {
    pub(super) fn at(now: &str) -> Self {
        Self {
            letters: Letters::new().unwrap(),
            parties: parties(),
            owner: code("O1"),
            contractor: code("C1"),
            title: "国道1号青葉橋補修工事".to_owned(),
            opening_at: Some(time(OPENING)),
            now: time(now),
        }
    }

    pub(super) fn circumstances(&self) -> Circumstances<'_> {
        Circumstances {
            names: &self.parties,
            case_title: Some(&self.title),
            owner: Some(&self.owner),
            contractor: Some(&self.contractor),
            opening_at: self.opening_at,
            zone: FixedOffset::east_opt(9 * 3600).unwrap(),
            now: self.now,
        }
    }

    pub(super) fn key(
        &self,
        terms: &BondTerms,
        reader: &Party,
        role: Role,
        reason: KeyReason,
    ) -> Text {
        let letter = KeyLetter {
            bond: &bond(),
            terms,
            version: 1 + u32::from(reason == KeyReason::Updated),
            reader,
            role,
            reason,
            attachment: "B-2026-0042.bondkey",
            circumstances: self.circumstances(),
        };
        self.letters.key(&letter).unwrap()
    }

    pub(super) fn notice(
        &self,
        content: NoticeContent,
        reader: &Party,
        terms: Option<&BondTerms>,
    ) -> Text {
        let notice = Notice {
            to: reader.code.clone(),
            procurement: procurement(),
            content,
        };
        self.letters
            .notice(&notice, reader, terms, &self.circumstances())
            .unwrap()
    }
}

fn asked_amount(kind: TaskKind) -> Money {
    match kind {
        TaskKind::ForfeitureProposed | TaskKind::ReinstatementNeeded | TaskKind::ClaimWindow => {
            yen(120_000_000)
        }
        TaskKind::DecreaseProposed => yen(105_000_000),
        _ => yen(135_000_000),
    }
}

/// All that can be wrong with a bond, as the match says it.
pub(super) fn mismatches() -> Vec<Finding> {
    let (contract, other) = (contract(), code("C9"));
    let owner = code("O9");
    let other_lots = [LotId::parse("L-9").unwrap()];
    let asked = matching::Contract {
        contract: &contract,
        lots: &other_lots,
        contractor: Some(&other),
        owner: Some(&owner),
        amount: &yen(135_000_000),
        last_day: Some(date(2027, 12, 28)),
        fatal_shortfall: BasisPoints(10_000),
    };
    let pounds = Money::new(1, Currency::parse("GBP").unwrap()).unwrap();
    let foreign = matching::Contract {
        amount: &pounds,
        ..asked
    };
    let bond = terms(BondKind::Performance);
    let other_kind = BondTerms {
        kind: BondKind::Bid,
        ..bond.clone()
    };
    let found = matching::findings(&bond, &asked)
        .into_iter()
        .chain(matching::findings(&bond, &foreign))
        .chain(matching::findings(&other_kind, &asked));
    let all: BTreeMap<&str, Finding> = found.map(|one| (one.what.code(), one)).collect();
    all.into_values().collect()
}

/// What can be wrong with a bid bond.
pub(super) fn bid_mismatches() -> Vec<Finding> {
    let short = Discrepancy::AmountShort {
        guaranteed: yen(120_000_000),
        required: yen(135_000_000),
    };
    let absent = Discrepancy::NoBid {
        principal: code("C1"),
    };
    let curable = |what| Finding {
        grade: Grade::Curable,
        what,
    };
    [short, absent].map(curable).to_vec()
}

/// A task as it is opened, with what such a task asks for.
pub(super) fn task(kind: TaskKind) -> NoticeContent {
    let subject = match kind {
        TaskKind::PerformanceBondNeeded | TaskKind::BondMissing => Subject::Contract(contract()),
        TaskKind::CertificateNeeded => Subject::Wait(WaitFor::Certificate(code("C1"))),
        TaskKind::SignatureNeeded => Subject::Wait(WaitFor::Signature(code("S1"))),
        TaskKind::OpeningBroughtForward => Subject::Opening(Scope::Tender),
        TaskKind::Unplaced => Subject::Wait(WaitFor::Party(code("C9"))),
        _ => Subject::Bond(bond()),
    };
    let asks_amount = matches!(
        kind,
        TaskKind::ForfeitureProposed
            | TaskKind::ReinstatementNeeded
            | TaskKind::PerformanceBondNeeded
            | TaskKind::BondMissing
            | TaskKind::ChangeRequest
            | TaskKind::DecreaseProposed
            | TaskKind::ClaimWindow
    );
    let asks_period = matches!(kind, TaskKind::ExtensionNeeded | TaskKind::ChangeRequest);
    let opening = matches!(
        kind,
        TaskKind::ExtensionNeeded | TaskKind::RebidBondNeeded | TaskKind::OpeningBroughtForward
    );
    let because = match kind {
        TaskKind::BondMissing => Some(mismatches()),
        TaskKind::MatchFailed => Some(bid_mismatches()),
        _ => None,
    };
    NoticeContent::TaskOpened {
        key: TaskKey { kind, subject },
        task: Task {
            asked: Vec::new(),
            amount: asks_amount.then(|| asked_amount(kind)),
            period: asks_period.then(|| span().reaching(date(2027, 12, 28))),
            opening_at: opening.then(|| time(OPENING)),
            because: because.unwrap_or_default(),
            withheld: false,
            note: None,
        },
    }
}

pub(super) fn state_changed(state: BondState, rule: Rule) -> NoticeContent {
    NoticeContent::StateChanged {
        bond: bond(),
        state,
        rule,
    }
}

pub(super) fn updated(rule: Rule) -> NoticeContent {
    NoticeContent::Updated {
        bond: bond(),
        version: 2,
        amount: yen(135_000_000),
        period: span(),
        rule,
    }
}

pub(super) fn expiring(days: i64) -> NoticeContent {
    NoticeContent::Expiring {
        bond: bond(),
        last_day: span().to(),
        days,
    }
}

/// A notice of every kind: every state, every rule (they have no words in common), every task,
/// tender and lot.
pub(super) fn all_notices() -> Vec<NoticeContent> {
    let states = BondState::ALL.map(|state| state_changed(state, RULES[0]));
    let rules = RULES.map(|rule| state_changed(BondState::Released, rule));
    let lot = Scope::Lot(LotId::parse("1").unwrap());
    let scoped = [Scope::Tender, lot].into_iter().flat_map(|scope| {
        let (moved, at) = (scope.clone(), time(OPENING));
        [
            NoticeContent::OpeningMoved {
                scope: moved,
                opening_at: at,
            },
            NoticeContent::BidsOpened { scope, at },
        ]
    });
    states
        .into_iter()
        .chain(rules)
        .chain(RULES.map(updated))
        .chain(scoped)
        .chain(TaskKind::ALL.map(task))
        .chain([60, 30, 7, 1].map(expiring))
        .collect()
}
