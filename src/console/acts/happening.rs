//! From the fields of a form to what happened, with every mistake beside its field.

use bondhub_core::{
    calendar::Timestamp,
    event::Rejection,
    identifier::{AwardId, ContractId, LotId, PartyCode, ProcurementId},
    inquiry::OwnCase,
    money::BasisPoints,
    party::Role,
    procurement::Scope,
    rules::RuleOverride,
};
use chrono::{SecondsFormat, Timelike as _};
use serde_json::{Map, Value, json};

use super::{
    super::{Visit, parts::Mistake, reading::Reading},
    entry::{Entry, last_announced},
    kind::Act,
};
use crate::desk::{Deed, Happening, Step};

/// Days; as the API and the settings take them.
const LONGEST_ACCEPTANCE: u32 = 10_000;

/// What is read, for whom, of which case.
pub(super) struct Report<'a> {
    pub(super) visit: &'a Visit,
    pub(super) act: Act,
    /// The case of the path; none where the form names it.
    pub(super) procurement: Option<ProcurementId>,
    /// What is known of it.
    pub(super) case: Option<&'a OwnCase>,
    pub(super) entry: &'a Entry,
}

/// The data of an event, as far as it is read.
struct Data<'a> {
    report: &'a Report<'a>,
    reading: Reading<'a>,
    members: Map<String, Value>,
}

impl Report<'_> {
    /// The deed, or what is wrong.
    pub(super) fn deed(&self) -> Result<Deed, Vec<Mistake>> {
        let mut data = Data {
            report: self,
            reading: Reading::new(self.visit),
            members: Map::new(),
        };
        let procurement = match &self.procurement {
            Some(known) => Some(known.clone()),
            None => data.name("procurement", ProcurementId::parse),
        };
        let what = match self.act {
            Act::Step(step) => {
                data.step(step);
                Some(Happening::Step(
                    step,
                    Value::Object(std::mem::take(&mut data.members)),
                ))
            }
            Act::ConfirmOpening => data.confirmation(),
            Act::OwnRules => Some(Happening::OwnRules(data.own_rules())),
        };
        let at = data
            .reading
            .instant("happened_at", self.entry.text("happened_at"));
        let viewer = self.visit.viewer();
        let by = viewer.map(|viewer| viewer.account.as_str().to_owned());
        match (procurement, what, by) {
            (Some(procurement), Some(what), Some(by)) if data.reading.is_sound() => Ok(Deed {
                procurement,
                what,
                at,
                by,
            }),
            _ => Err(data.reading.mistakes()),
        }
    }
}

impl Data<'_> {
    fn text(&self, id: &str) -> String {
        self.report.entry.text(id).to_owned()
    }

    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.members.insert(name.to_owned(), value.into());
    }

    fn name<T>(
        &mut self,
        id: &str,
        parse: impl Fn(&str) -> Result<T, bondhub_core::identifier::IdentifierError>,
    ) -> Option<T> {
        let text = self.text(id);
        self.reading.name(id, &text, parse)
    }

    /// Of every step what its event says (CONTRACT §1).
    fn step(&mut self, step: Step) {
        match step {
            Step::TenderAnnounced => {
                self.owner();
                self.tender();
                self.follows();
            }
            Step::TenderChanged => {
                let owner = self.report.case.and_then(|case| case.owner.clone());
                if let Some(owner) = owner {
                    self.put("owner", owner.as_str());
                }
                self.tender();
            }
            Step::TenderCancelled | Step::TenderUnsuccessful => {
                self.lot();
                self.remark("reason");
            }
            Step::BidSubmitted => self.bid(),
            Step::BidOpened => {
                self.lot();
                self.time("opened_at");
            }
            Step::RebidCalled => {
                self.lot();
                self.count("round");
                self.time("opening_at");
            }
            Step::AwardPending | Step::AwardDecided => {
                self.identifier("award", AwardId::parse);
                self.lot();
                self.contractor();
            }
            Step::AwardCancelled | Step::AwardDeclined => self.known_award(),
            Step::ContractConcluded => self.conclusion(),
            Step::ContractChanged => {
                self.identifier("contract", ContractId::parse);
                self.count("change");
                self.price();
            }
            Step::ContractCompleted | Step::ContractTerminated => {
                self.identifier("contract", ContractId::parse);
                self.day("date");
                self.remark("reason");
            }
        }
    }

    fn owner(&mut self) {
        let own = self
            .report
            .visit
            .viewer()
            .and_then(|viewer| viewer.party.clone());
        if let Some(own) = own {
            return self.put("owner", own.as_str());
        }
        self.party("owner", Role::Owner);
    }

    fn contractor(&mut self) {
        self.party("contractor", Role::Contractor);
    }

    /// A party that is known here: an event that names another would wait for it.
    fn party(&mut self, id: &str, role: Role) {
        let Some(code) = self.name(id, PartyCode::parse) else {
            return;
        };
        let directory = self.report.visit.console().desk.directories.newest();
        let party = directory.parties.get(&code);
        if party.is_some_and(|party| party.roles.contains(&role)) {
            self.put(id, code.as_str());
        } else {
            self.reading.wrong(id, "act.unknown_party");
        }
    }

    fn tender(&mut self) {
        let title = self.text("title");
        if title.is_empty() {
            self.reading.wrong("title", "draft.empty");
        }
        self.put("title", title);
        self.time("opening_at");
        self.lots();
        self.guarantee();
    }

    /// One lot a line: its id, then its title.
    fn lots(&mut self) {
        let text = self.text("lots");
        let mut lots: Vec<(LotId, String)> = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (id, title) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let Some(id) = self.reading.name("lots", id, LotId::parse) else {
                return;
            };
            if lots.iter().any(|(known, _)| *known == id) {
                return self.reading.wrong("lots", "act.lot_twice");
            }
            lots.push((id, title.trim().to_owned()));
        }
        if !lots.is_empty() {
            let lot = |(id, title): &(LotId, String)| json!({"id": id, "title": title});
            self.put("lots", lots.iter().map(lot).collect::<Vec<_>>());
        }
    }

    fn guarantee(&mut self) {
        let (rate, sum, currency) = (self.text("rate"), self.text("sum"), self.text("currency"));
        let guarantee = match self.text("guarantee").as_str() {
            "rate" => {
                let rate = self.reading.rate("rate", &rate);
                rate.map(|rate| json!({"required": true, "rate_bp": rate}))
            }
            "sum" => {
                let sum = self.reading.money_in("sum", &sum, &currency);
                sum.map(|sum| json!({"required": true, "amount": sum}))
            }
            "none" => Some(json!({"required": false})),
            _ => None,
        };
        if let Some(guarantee) = guarantee {
            self.put("bid_guarantee", guarantee);
        }
    }

    fn follows(&mut self) {
        if self.text("follows").is_empty() {
            return;
        }
        if let Some(other) = self.name("follows", ProcurementId::parse) {
            self.put(
                "related",
                json!({"procurement": other, "kind": "unsuccessful_process"}),
            );
        }
    }

    fn lot(&mut self) {
        if self.text("lot").is_empty() {
            return;
        }
        if let Some(lot) = self.name("lot", LotId::parse) {
            self.put("lot", lot.as_str());
        }
    }

    fn remark(&mut self, id: &str) {
        let text = self.text(id);
        if !text.is_empty() {
            self.put(id, text);
        }
    }

    fn bid(&mut self) {
        let own = self
            .report
            .visit
            .viewer()
            .and_then(|viewer| viewer.party.clone());
        match own {
            Some(own) => self.put("contractor", own.as_str()),
            None => self.contractor(),
        }
        self.lot();
        if !self.text("amount").is_empty() {
            self.money();
        }
    }

    fn money(&mut self) {
        let (amount, currency) = (self.text("amount"), self.text("currency"));
        if let Some(money) = self.reading.money(&amount, &currency) {
            self.put("amount", json!(money));
        }
    }

    fn price(&mut self) {
        self.money();
        let (from, to) = (self.text("from"), self.text("to"));
        if let Some(period) = self.reading.period(&from, &to) {
            self.put("period", json!(period));
        }
        self.day("signed_at");
    }

    fn conclusion(&mut self) {
        self.identifier("contract", ContractId::parse);
        if !self.text("award").is_empty() {
            self.identifier("award", AwardId::parse);
        }
        self.lot();
        self.contractor();
        self.price();
        let rate = self.text("rate");
        if rate.is_empty() {
            return;
        }
        if let Some(rate) = self.reading.rate("rate", &rate) {
            let guarantee = json!({"required": true, "rate_bp": rate});
            self.put("performance_guarantee", guarantee);
        }
    }

    /// An award that is known already: to whom it went needs not be told again.
    fn known_award(&mut self) {
        let id = self.text("award");
        let awards = self
            .report
            .case
            .map_or(&[][..], |case| case.awards.as_slice());
        let award = awards.iter().find(|award| award.id.as_str() == id);
        match award.and_then(|award| Some((award.id.clone(), award.contractor.clone()?))) {
            Some((id, contractor)) => {
                self.put("award", id.as_str());
                self.put("contractor", contractor.as_str());
            }
            None => self.reading.wrong("award", "act.unknown_award"),
        }
    }

    fn identifier<T: Into<String>>(
        &mut self,
        id: &str,
        parse: impl Fn(&str) -> Result<T, bondhub_core::identifier::IdentifierError>,
    ) {
        if let Some(name) = self.name(id, parse) {
            let name: String = name.into();
            self.put(id, name);
        }
    }

    fn count(&mut self, id: &str) {
        let text = self.text(id);
        if let Some(number) = self.reading.number(id, &text) {
            self.put(id, number);
        }
    }

    fn day(&mut self, id: &str) {
        let text = self.text(id);
        if let Some(day) = self.reading.day(id, &text) {
            self.put(id, day.to_string());
        }
    }

    fn time(&mut self, id: &str) {
        let text = self.text(id);
        if text.is_empty() {
            return self.reading.wrong(id, "draft.instant");
        }
        if let Some(at) = self.reading.instant(id, &text) {
            self.put(id, written(self.exact(at)));
        }
    }

    /// A field shows minutes: the minute of the opening that is known means that opening, else leaving the field as it is would
    /// bring the opening forward by seconds.
    fn exact(&self, at: Timestamp) -> Timestamp {
        let known = self.report.case.and_then(last_announced);
        let minute = |at: Timestamp| at.with_second(0).and_then(|at| at.with_nanosecond(0));
        known
            .filter(|known| minute(*known) == Some(at))
            .unwrap_or(at)
    }

    /// What is left empty is as the owner's or the installation's rules say.
    fn own_rules(&mut self) -> RuleOverride {
        RuleOverride {
            bid_guarantee_rate_bp: self.share("bid_rate"),
            performance_guarantee_rate_bp: self.share("performance_rate"),
            bid_acceptance_days: self.up_to("acceptance_days", LONGEST_ACCEPTANCE),
            fatal_shortfall_bp: self.share("shortfall"),
            round_up_to: self.up_to("round_up_to", u32::MAX).map(i64::from),
        }
    }

    fn share(&mut self, id: &str) -> Option<BasisPoints> {
        let text = self.text(id);
        if text.is_empty() {
            return None;
        }
        self.reading.rate(id, &text)
    }

    fn up_to(&mut self, id: &str, most: u32) -> Option<u32> {
        let text = self.text(id);
        if text.is_empty() {
            return None;
        }
        let number = self.reading.number(id, &text)?;
        if number > most {
            self.reading.wrong(id, "draft.number");
        }
        Some(number)
    }

    fn confirmation(&mut self) -> Option<Happening> {
        let scope = Scope::try_from(self.text("scope")).ok();
        let openings = self
            .report
            .case
            .map_or(&[][..], |case| case.openings.as_slice());
        let waiting = openings
            .iter()
            .find(|one| Some(&one.scope) == scope.as_ref());
        let confirmed = waiting.and_then(|one| Some((one.scope.clone(), one.unconfirmed?)));
        if confirmed.is_none() {
            self.reading.wrong("scope", "act.nothing_to_confirm");
        }
        let (scope, at) = confirmed?;
        Some(Happening::OpeningConfirmed(scope, at))
    }
}

fn written(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// The field that a rejection of the desk points at, if it is one of the form.
pub(super) fn field_of(rejection: &Rejection) -> &str {
    let pointer = rejection.pointer.as_deref().unwrap_or_default();
    let mut parts = pointer
        .split('/')
        .filter(|part| !part.is_empty() && *part != "data");
    match (parts.next(), parts.next()) {
        (Some("period"), Some(end)) => end,
        (Some("bid_guarantee"), Some("amount")) => "sum",
        (Some("bid_guarantee" | "performance_guarantee"), _) => "rate",
        (Some("related"), _) => "follows",
        (Some(field), _) => field,
        (None, _) => "act",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_is_told_beside_the_field_it_points_at() {
        for (pointer, field) in [
            ("/data/opening_at", "opening_at"),
            ("/data/period/to", "to"),
            ("/data/lots/1/id", "lots"),
            ("/data/bid_guarantee/amount/amount", "sum"),
            ("/data/amount/currency", "amount"),
        ] {
            assert_eq!(field_of(&Rejection::at(pointer, "x")), field);
        }
    }
}
