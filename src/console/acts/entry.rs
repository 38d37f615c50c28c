//! What stands in the form of an act: as it was typed, or as the case suggests it.

use std::collections::BTreeMap;

use bondhub_core::{
    calendar::Timestamp,
    inquiry::{OwnCase, OwnContract, OwnOpening},
    procurement::{AwardState, Scope},
    rules::Guarantee,
};
use serde::Serialize;

use super::{
    super::{
        Posted, Visit,
        parts::{Choice, Row},
        reading::{decimal, local},
    },
    kind::{Act, Kind, Spec},
};
use crate::desk::Step;

/// The values of an act's fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entry(BTreeMap<&'static str, String>);

/// A field as the template shows it.
#[derive(Debug, Serialize)]
pub(super) struct Field {
    id: &'static str,
    kind: &'static str,
    label: String,
    hint: String,
    value: String,
    choices: Vec<Choice>,
    optional: bool,
}

impl Entry {
    /// What a form sent.
    pub(super) fn posted(fields: &[Spec], form: &Posted) -> Self {
        let value = |spec: &Spec| (spec.id, form.text(spec.id).to_owned());
        Self(fields.iter().map(value).collect())
    }

    /// What stands in a field.
    pub(super) fn text(&self, id: &str) -> &str {
        self.0.get(id).map_or("", String::as_str)
    }

    fn put(&mut self, id: &'static str, value: impl Into<String>) {
        self.0.insert(id, value.into());
    }

    /// Everything, for fields nobody sees.
    pub(super) fn all(&self) -> Vec<(&'static str, String)> {
        let filled = self.0.iter().filter(|(_, value)| !value.is_empty());
        filled.map(|(id, value)| (*id, value.clone())).collect()
    }

    /// What the case suggests; `asked` is what whoever comes from a list of awards or contracts means.
    pub(super) fn suggested(
        visit: &Visit,
        act: Act,
        case: Option<&OwnCase>,
        asked: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let mut entry = Self::default();
        entry.put("currency", "JPY");
        if let (Act::OwnRules, Some(case)) = (act, case) {
            entry.suggest_rules(case);
        }
        if let (Act::Step(step), Some(case)) = (act, case) {
            match step {
                Step::TenderChanged => entry.suggest_tender(visit, case),
                Step::RebidCalled => entry.suggest_round(case),
                Step::BidOpened => entry.suggest_opening(visit, case),
                Step::AwardPending
                | Step::AwardDecided
                | Step::AwardCancelled
                | Step::AwardDeclined => entry.suggest_award(case, asked("award").as_deref()),
                Step::ContractConcluded => entry.suggest_conclusion(case),
                Step::ContractChanged | Step::ContractCompleted | Step::ContractTerminated => {
                    entry.suggest_contract(case, asked("contract").as_deref());
                }
                Step::TenderAnnounced
                | Step::TenderCancelled
                | Step::TenderUnsuccessful
                | Step::BidSubmitted => {}
            }
        }
        entry
    }

    fn suggest_tender(&mut self, visit: &Visit, case: &OwnCase) {
        self.put("title", case.title.clone().unwrap_or_default());
        if let Some(at) = last_announced(case) {
            self.put("opening_at", local(visit, at));
        }
        let lots = case.lots.iter();
        let lots: Vec<String> = lots
            .map(|lot| format!("{} {}", lot.id, lot.title))
            .collect();
        self.put("lots", lots.join("\n"));
        match &case.bid_guarantee {
            None => {}
            Some(Guarantee {
                required: false, ..
            }) => self.put("guarantee", "none"),
            Some(Guarantee {
                amount: Some(sum), ..
            }) => {
                self.put("guarantee", "sum");
                self.put("sum", decimal(sum));
                self.put("currency", sum.currency().to_string());
            }
            Some(Guarantee { rate_bp, .. }) => {
                self.put("guarantee", "rate");
                self.put(
                    "rate",
                    rate_bp.map_or(String::new(), |rate| percent(rate.0)),
                );
            }
        }
    }

    /// What holds now: what is left out afterwards holds no more.
    fn suggest_rules(&mut self, case: &OwnCase) {
        let Some(rules) = &case.own_rules else {
            return;
        };
        let rates = [
            ("bid_rate", rules.bid_guarantee_rate_bp),
            ("performance_rate", rules.performance_guarantee_rate_bp),
            ("shortfall", rules.fatal_shortfall_bp),
        ];
        for (id, rate) in rates {
            self.put(id, rate.map_or(String::new(), |rate| percent(rate.0)));
        }
        let days = rules.bid_acceptance_days.map(|days| days.to_string());
        self.put("acceptance_days", days.unwrap_or_default());
        let unit = rules.round_up_to.map(|unit| unit.to_string());
        self.put("round_up_to", unit.unwrap_or_default());
    }

    fn suggest_round(&mut self, case: &OwnCase) {
        let rounds = case.openings.iter().filter_map(|opening| opening.round);
        let next = rounds.max().unwrap_or(1).saturating_add(1);
        self.put("round", next.to_string());
    }

    fn suggest_opening(&mut self, visit: &Visit, case: &OwnCase) {
        if let Some(at) = tender(case).and_then(|opening| opening.at) {
            self.put("opened_at", local(visit, at));
        }
    }

    fn suggest_award(&mut self, case: &OwnCase, asked: Option<&str>) {
        let mut awards = case.awards.iter();
        let meant = awards.find(|award| Some(award.id.as_str()) == asked);
        let Some(award) = meant else {
            return;
        };
        self.put("award", award.id.as_str());
        if let Some(contractor) = &award.contractor {
            self.put("contractor", contractor.as_str());
        }
        if let [lot] = award.lots.as_slice() {
            self.put("lot", lot.as_str());
        }
    }

    /// The one award that is decided and has no contract.
    fn suggest_conclusion(&mut self, case: &OwnCase) {
        let taken = |award| {
            case.contracts
                .iter()
                .any(|one| one.award.as_ref() == Some(award))
        };
        let mut open = case
            .awards
            .iter()
            .filter(|award| award.state == Some(AwardState::Decided) && !taken(&award.id));
        if let (Some(award), None) = (open.next(), open.next()) {
            let id = award.id.as_str().to_owned();
            self.suggest_award(case, Some(&id));
            self.put("lot", "");
        }
    }

    fn suggest_contract(&mut self, case: &OwnCase, asked: Option<&str>) {
        let running: Vec<&OwnContract> = running(case).collect();
        let meant = running.iter().find(|one| Some(one.id.as_str()) == asked);
        let only = || running.first().filter(|_| running.len() == 1);
        let Some(contract) = meant.or_else(only) else {
            return;
        };
        self.put("contract", contract.id.as_str());
        self.put("change", contract.next_change.to_string());
        if let Some(amount) = &contract.terms.amount {
            self.put("amount", decimal(amount));
            self.put("currency", amount.currency().to_string());
        }
        if let Some(period) = contract.terms.period {
            self.put("from", period.from().to_string());
            self.put("to", period.to().to_string());
        }
    }

    /// The fields with labels and choices. A choice among nothing is not asked for.
    pub(super) fn fields(
        &self,
        visit: &Visit,
        fields: &[Spec],
        case: Option<&OwnCase>,
    ) -> Vec<Field> {
        let shown = fields
            .iter()
            .filter_map(|spec| self.field(visit, spec, case));
        shown.collect()
    }

    fn field(&self, visit: &Visit, spec: &Spec, case: Option<&OwnCase>) -> Option<Field> {
        let choices = match (spec.kind, case) {
            (Kind::Choice, Some(case)) => choices(visit, spec, case),
            (Kind::Choice, None) if spec.id == "guarantee" => guarantees(visit),
            _ => Vec::new(),
        };
        let offered = choices.iter().filter(|one| !one.is_empty()).count();
        if spec.kind == Kind::Choice && spec.optional && case.is_some() && offered == 0 {
            return None;
        }
        // Whoever does not know the case types what others choose.
        let typed = spec.kind == Kind::Choice && choices.is_empty() && case.is_none();
        let kind = match spec.kind {
            Kind::Choice if !typed => "select",
            Kind::Line | Kind::Choice => "text",
            Kind::Area => "area",
            Kind::Day => "date",
            Kind::Time => "datetime-local",
            Kind::Number => "number",
        };
        Some(Field {
            id: spec.id,
            kind,
            label: label(visit, spec.id),
            hint: hint(visit, spec.id),
            value: self.text(spec.id).to_owned(),
            choices,
            optional: spec.optional,
        })
    }

    /// What was entered, to be read once more.
    pub(super) fn rows(&self, visit: &Visit, fields: &[Spec], case: Option<&OwnCase>) -> Vec<Row> {
        let shown = self.fields(visit, fields, case).into_iter();
        let filled = shown.filter(|field| !field.value.is_empty());
        filled
            .map(|field| Row::new(field.label.clone(), field.said()))
            .collect()
    }
}

impl Field {
    /// What the field of an id is called.
    pub(super) fn label_in(fields: &[Self], id: &str) -> Option<String> {
        let found = fields.iter().find(|field| field.id == id);
        found.map(|field| field.label.clone())
    }

    /// The value in words.
    fn said(self) -> String {
        let chosen = self.choices.iter().find(|one| one.is(&self.value));
        match (self.kind, chosen) {
            (_, Some(choice)) => choice.label().to_owned(),
            ("datetime-local", _) => self.value.replace('T', " "),
            _ => self.value,
        }
    }
}

fn label(visit: &Visit, id: &str) -> String {
    visit.text(&format!("act_field.{id}"))
}

fn hint(visit: &Visit, id: &str) -> String {
    let key = format!("act_hint.{id}");
    let text = visit.text(&key);
    if text == key { String::new() } else { text }
}

fn choices(visit: &Visit, spec: &Spec, case: &OwnCase) -> Vec<Choice> {
    let none = |key: &str| Choice::new("", visit.text(key));
    match spec.id {
        "guarantee" => guarantees(visit),
        "lot" => {
            let lots = case.lots.iter();
            let lots =
                lots.map(|lot| Choice::new(lot.id.as_str(), format!("{} {}", lot.id, lot.title)));
            [none("act_choice.whole_tender")]
                .into_iter()
                .chain(lots)
                .collect()
        }
        "award" => {
            let named = |award: &bondhub_core::inquiry::OwnAward| {
                let who = award.contractor.as_ref().map(|code| visit.party_name(code));
                Choice::new(
                    award.id.as_str(),
                    format!("{} {}", award.id, who.unwrap_or_default()),
                )
            };
            let first = spec.optional.then(|| none("act_choice.no_award"));
            first
                .into_iter()
                .chain(case.awards.iter().map(named))
                .collect()
        }
        "contract" => {
            let named = |one: &OwnContract| Choice::new(one.id.as_str(), one.id.to_string());
            running(case).map(named).collect()
        }
        _ => {
            let waiting = case.openings.iter().filter(|one| one.unconfirmed.is_some());
            let named = |one: &OwnOpening| {
                let at = one.unconfirmed.map(|at| visit.words().time(at).text);
                let at = at.unwrap_or_default();
                Choice::new(
                    &one.scope.to_string(),
                    format!("{} {at}", scope(visit, &one.scope)),
                )
            };
            waiting.map(named).collect()
        }
    }
}

fn guarantees(visit: &Visit) -> Vec<Choice> {
    let choice = |value: &str, key: &str| Choice::new(value, visit.text(key));
    vec![
        choice("", "act_choice.guarantee_unsaid"),
        choice("rate", "act_choice.guarantee_rate"),
        choice("sum", "act_choice.guarantee_sum"),
        choice("none", "act_choice.guarantee_none"),
    ]
}

/// A scope in words.
pub(in crate::console) fn scope(visit: &Visit, scope: &Scope) -> String {
    match scope {
        Scope::Tender => visit.text("act_choice.whole_tender"),
        Scope::Lot(lot) => visit.text_with("cases.lot", &[("lot", lot.as_str())]),
    }
}

fn running(case: &OwnCase) -> impl Iterator<Item = &OwnContract> {
    case.contracts.iter().filter(|one| one.ended.is_none())
}

fn tender(case: &OwnCase) -> Option<&OwnOpening> {
    case.openings.iter().find(|one| one.scope == Scope::Tender)
}

/// The opening of the tender that was announced last, confirmed or not.
pub(super) fn last_announced(case: &OwnCase) -> Option<Timestamp> {
    let opening = tender(case)?;
    opening.unconfirmed.or(opening.at)
}

/// Basis points as per cent: 250 is `2.5`.
pub(in crate::console) fn percent(points: u32) -> String {
    let (whole, part) = (points / 100, points % 100);
    if part == 0 {
        return whole.to_string();
    }
    format!("{whole}.{part:02}")
        .trim_end_matches('0')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn basis_points_are_shown_as_per_cent_as_people_type_them() {
        for (points, text) in [(500, "5"), (250, "2.5"), (1005, "10.05"), (10_000, "100")] {
            assert_eq!(percent(points), text);
        }
    }
}
