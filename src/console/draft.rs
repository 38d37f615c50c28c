//! The draft of a registration or update: fields of a form, read into the statement that is signed.

use bondhub_core::{
    attachment::Attachment,
    bond::{BondKind, BondTerms, Instrument, Medium},
    calendar::{Period, Timestamp},
    document::{Act, Statement},
    identifier::{BondNumber, ContractId, LotId, PartyCode, ProcurementId},
    matching::Discrepancy,
    money::Money,
    task::TaskKind,
};
use serde::Serialize;

use super::{
    Posted, Upload, Visit,
    parts::{Choice, Mistake},
    reading::{Reading, decimal, local},
};
use crate::desk::MyBond;

/// What stands in the form, as it was typed.
#[derive(Clone, Default, Serialize)]
pub(super) struct Draft {
    act: String,
    number: String,
    kind: String,
    instrument: String,
    principal: String,
    obligee: String,
    procurement: String,
    lot: String,
    contract: String,
    amount: String,
    currency: String,
    from: String,
    to: String,
    opening_at: String,
    takes_over: String,
    converts_to: String,
    forfeitable: bool,
    wording: String,
    /// The version that an update makes.
    version: Option<u32>,
    /// What the version before binds.
    kept: Vec<Kept>,
    #[serde(skip)]
    files: Vec<Upload>,
}

/// An attachment of the version before, and whether the new one binds it too.
#[derive(Clone, Serialize)]
struct Kept {
    name: String,
    sha256: String,
    /// The whole entry, as the form carries it.
    entry: String,
    ticked: bool,
    #[serde(skip)]
    attachment: Attachment,
}

impl Kept {
    fn of(attachment: &Attachment, ticked: bool) -> Self {
        Self {
            name: attachment.name.clone(),
            sha256: attachment.sha256.clone(),
            entry: serde_json::to_string(attachment).unwrap_or_default(),
            ticked,
            attachment: attachment.clone(),
        }
    }

    /// Those of a form: what cannot be read was not written by us.
    fn posted(form: &Posted) -> Vec<Self> {
        let ticked: Vec<&str> = form.all("kept").collect();
        let read = |entry: &str| {
            let attachment = serde_json::from_str(entry).ok()?;
            Some(Self::of(&attachment, ticked.contains(&entry)))
        };
        form.all("known").filter_map(read).collect()
    }
}

const KINDS: [BondKind; 3] = [
    BondKind::Bid,
    BondKind::PerformanceReservation,
    BondKind::Performance,
];
const INSTRUMENTS: [Instrument; 4] = [
    Instrument::SuretyBond,
    Instrument::Insurance,
    Instrument::BankGuarantee,
    Instrument::ContractGuarantee,
];

/// The kinds to choose from.
pub(super) fn kinds(visit: &Visit) -> Vec<Choice> {
    let choice = |kind: BondKind| {
        Choice::new(
            kind.as_str(),
            visit.text(&format!("bond_kind.{}", kind.as_str())),
        )
    };
    KINDS.map(choice).to_vec()
}

/// The instruments to choose from.
pub(super) fn instruments(visit: &Visit) -> Vec<Choice> {
    let choice = |one: Instrument| {
        Choice::new(
            one.as_str(),
            visit.text(&format!("instrument.{}", one.as_str())),
        )
    };
    INSTRUMENTS.map(choice).to_vec()
}

/// What a bond may become at the contract.
pub(super) fn converts(visit: &Visit) -> Vec<Choice> {
    let performance = BondKind::Performance;
    let text = visit.text(&format!("bond_kind.{}", performance.as_str()));
    vec![
        Choice::new("", visit.text("draft.converts_nothing")),
        Choice::new(performance.as_str(), text),
    ]
}

impl Draft {
    /// What a form sent.
    pub(super) fn posted(form: &Posted) -> Self {
        let text = |field: &str| form.text(field).to_owned();
        Self {
            act: text("act"),
            number: text("number"),
            kind: text("kind"),
            instrument: text("instrument"),
            principal: text("principal"),
            obligee: text("obligee"),
            procurement: text("procurement"),
            lot: text("lot"),
            contract: text("contract"),
            amount: text("amount"),
            currency: text("currency"),
            from: text("from"),
            to: text("to"),
            opening_at: text("opening_at"),
            takes_over: text("takes_over"),
            converts_to: text("converts_to"),
            forfeitable: form.has("forfeitable"),
            wording: text("wording").replace("\r\n", "\n"),
            version: text("version").parse().ok(),
            kept: Kept::posted(form),
            files: form.files("attachments").cloned().collect(),
        }
    }

    /// What a bond says now, changed as the tasks about it ask: all of them, or those of the kind somebody comes from. A
    /// decrease is only ever proposed (R31), so that it is filled in for nobody who does not come from it.
    pub(super) fn of(visit: &Visit, mine: &MyBond, wanted: Option<TaskKind>) -> Self {
        let terms = &mine.bond.terms;
        let (amount, period) = asked(mine, wanted);
        let changed = BondTerms {
            amount: amount.unwrap_or(terms.amount),
            period: period.unwrap_or(terms.period),
            ..terms.clone()
        };
        Self {
            act: "update".to_owned(),
            number: mine.bond.bond.number.to_string(),
            version: Some(mine.bond.version.saturating_add(1)),
            kept: terms
                .attachments
                .iter()
                .map(|one| Kept::of(one, true))
                .collect(),
            ..Self::saying(visit, &changed)
        }
    }

    /// A new bond with these terms.
    pub(super) fn saying(visit: &Visit, terms: &BondTerms) -> Self {
        let or_empty = |value: Option<String>| value.unwrap_or_default();
        Self {
            kind: terms.kind.as_str().to_owned(),
            instrument: terms.instrument.as_str().to_owned(),
            principal: terms.principal.to_string(),
            obligee: terms.obligee.to_string(),
            procurement: terms.procurement.to_string(),
            lot: or_empty(terms.lot.as_ref().map(ToString::to_string)),
            contract: or_empty(terms.contract.as_ref().map(ToString::to_string)),
            amount: decimal(&terms.amount),
            currency: terms.amount.currency().to_string(),
            from: terms.period.from().to_string(),
            to: terms.period.to().to_string(),
            opening_at: or_empty(terms.opening_at.map(|at| local(visit, at))),
            takes_over: or_empty(terms.takes_over.as_ref().map(ToString::to_string)),
            converts_to: or_empty(terms.converts_to.map(|kind| kind.as_str().to_owned())),
            forfeitable: terms.forfeitable,
            wording: terms.wording.clone(),
            ..Self::default()
        }
    }

    pub(super) fn is_update(&self) -> bool {
        self.act == "update"
    }

    pub(super) fn number(&self) -> &str {
        &self.number
    }

    /// What is wrong, and that chosen files must be chosen again: a browser does not keep them.
    pub(super) fn with_files_again(&self, visit: &Visit, mut errors: Vec<Mistake>) -> Vec<Mistake> {
        if !self.files.is_empty() && !errors.iter().any(|one| one.is_about("attachments")) {
            errors.push(Mistake::new("attachments", visit.text("draft.files_again")));
        }
        errors
    }

    /// The statement of an issuer, or what is wrong with the form.
    pub(super) fn statement(
        &self,
        visit: &Visit,
        issuer: PartyCode,
        now: Timestamp,
    ) -> Result<Statement, Vec<Mistake>> {
        let mut reading = Reading::new(visit);
        let number = reading.name("number", &self.number, BondNumber::parse);
        let bond = self.terms(visit, &mut reading);
        let (Some(number), Some(bond), true) = (number, bond, reading.is_sound()) else {
            return Err(reading.mistakes());
        };
        let act = if self.is_update() {
            Act::Update { number, bond }
        } else {
            Act::Registration { number, bond }
        };
        let statement = Statement {
            v: 1,
            issuer,
            signed_at: now,
            act,
        };
        match Statement::read(&statement.to_bytes()) {
            Ok(statement) => Ok(statement),
            Err(rejection) => Err(vec![Mistake::new("number", rejection.to_string())]),
        }
    }

    fn terms(&self, visit: &Visit, reading: &mut Reading<'_>) -> Option<BondTerms> {
        let kind = reading.one_of("kind", &self.kind, KINDS, BondKind::as_str);
        let instrument = reading.one_of(
            "instrument",
            &self.instrument,
            INSTRUMENTS,
            Instrument::as_str,
        );
        let principal = reading.name("principal", &self.principal, PartyCode::parse);
        let obligee = reading.name("obligee", &self.obligee, PartyCode::parse);
        let procurement = reading.name("procurement", &self.procurement, ProcurementId::parse);
        let lot = reading.optional("lot", &self.lot, LotId::parse);
        let contract = reading.optional("contract", &self.contract, ContractId::parse);
        let takes_over = reading.optional("takes_over", &self.takes_over, BondNumber::parse);
        let amount = reading.money(&self.amount, &self.currency);
        let period = reading.period(&self.from, &self.to);
        let opening_at = reading.instant("opening_at", &self.opening_at);
        let kept = self.kept.iter().filter(|one| one.ticked);
        let mut attachments: Vec<_> = kept.map(|one| one.attachment.clone()).collect();
        attachments.extend(chosen(reading, visit, &self.files));
        let kind = kind?;
        if kind == BondKind::Performance && self.contract.is_empty() {
            reading.wrong("contract", "draft.contract_needed");
        }
        if kind == BondKind::PerformanceReservation && self.forfeitable {
            reading.wrong("forfeitable", "draft.never_forfeitable");
        }
        Some(BondTerms {
            kind,
            instrument: instrument?,
            medium: Medium::Electronic,
            principal: principal?,
            obligee: obligee?,
            procurement: procurement?,
            lot,
            contract,
            amount: amount?,
            period: period?,
            wording: self.wording.clone(),
            opening_at,
            forfeitable: self.forfeitable,
            converts_to: KINDS
                .into_iter()
                .find(|kind| kind.as_str() == self.converts_to),
            takes_over,
            attachments,
        })
    }
}

/// The amount and period that open tasks about a bond ask for: of several the greatest.
fn asked(mine: &MyBond, wanted: Option<TaskKind>) -> (Option<Money>, Option<Period>) {
    let meant = |kind: TaskKind| match wanted {
        Some(wanted) => kind == wanted,
        None => kind != TaskKind::DecreaseProposed,
    };
    let tasks = mine.tasks.iter().filter(|view| meant(view.key.kind));
    let tasks: Vec<_> = tasks.map(|view| &view.task).collect();
    let lacks = tasks.iter().flat_map(|task| &task.because);
    let short = lacks.filter_map(|finding| match &finding.what {
        Discrepancy::AmountShort { required, .. } => Some(*required),
        _ => None,
    });
    let amounts = tasks.iter().filter_map(|task| task.amount).chain(short);
    let same = |amount: &Money| mine.bond.terms.amount.same_currency(amount).is_ok();
    let amount = amounts.filter(same).max_by_key(Money::amount);
    let periods = tasks.iter().filter_map(|task| task.period);
    (amount, periods.max_by_key(Period::to))
}

/// The attachments chosen in a form.
fn chosen(reading: &mut Reading<'_>, visit: &Visit, files: &[Upload]) -> Vec<Attachment> {
    let mut attachments = Vec::new();
    for file in files {
        match Attachment::of(&file.name, &file.bytes) {
            Ok(attachment) => attachments.push(attachment),
            Err(rejection) => {
                let text = visit.text("draft.attachment");
                let text = format!("{text} ({}: {rejection})", file.name);
                reading.note("attachments", text);
            }
        }
    }
    attachments
}
