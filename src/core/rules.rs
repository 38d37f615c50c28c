//! Rates, thresholds and standing instructions: what an installation and its parties decided.

use std::collections::BTreeMap;

use chrono::{FixedOffset, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Period, Timestamp},
    identifier::PartyCode,
    money::{BasisPoints, Money, MoneyError},
    party::{Member, Role},
};

/// Everything besides the case and the time that a plan depends on.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// What the installation decided.
    pub policy: Policy,
    /// What is known of the parties.
    pub parties: PartyBook,
}

/// What an installation decided (configuration section `rules`).
#[derive(Debug, Clone)]
pub struct Policy {
    /// The hub's zone, for days.
    pub zone: FixedOffset,
    /// When the losers' bonds are released (R30).
    pub release_losers: ReleaseLosers,
    /// How long any release is held back.
    pub release_hold: TimeDelta,
    /// How long a bid bond must outlast the opening.
    pub bid_acceptance: TimeDelta,
    /// What a contract must be guaranteed with where its event does not say.
    pub performance_guarantee: Guarantee,
    /// What a bid must be guaranteed with where its tender does not say.
    pub bid_guarantee: Guarantee,
    /// A shortfall of more than this share of what is required is fatal, a smaller one curable (R7).
    pub fatal_shortfall: BasisPoints,
    /// What differs for single owners.
    pub owners: BTreeMap<PartyCode, RuleOverride>,
    /// Required amounts are rounded up to a multiple of this many minor units.
    pub round_up_to: i64,
    /// Days before the end of a bond on which its parties are reminded.
    pub reminder_days: Vec<i64>,
    /// How long something may wait before an operator is asked (R34).
    pub wait_deadline: TimeDelta,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            zone: FixedOffset::east_opt(9 * 3600).unwrap_or(chrono::Utc.fix()),
            release_losers: ReleaseLosers::AtContract,
            release_hold: TimeDelta::zero(),
            bid_acceptance: TimeDelta::days(30),
            performance_guarantee: Guarantee::default(),
            bid_guarantee: Guarantee::none(),
            fatal_shortfall: BasisPoints(10_000),
            owners: BTreeMap::new(),
            round_up_to: 1,
            reminder_days: vec![60, 30, 7],
            wait_deadline: TimeDelta::hours(24),
        }
    }
}

use chrono::Offset as _;

/// When the losers' bonds are released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseLosers {
    /// When the contract is concluded: a second bidder can still be awarded.
    AtContract,
    /// At the award.
    AtAward,
}

/// What a tender or contract requires as guarantee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guarantee {
    /// Whether one is required at all.
    pub required: bool,
    /// The share of the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_bp: Option<BasisPoints>,
    /// A fixed sum instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
}

impl Default for Guarantee {
    /// A tenth of the contract price, as the State's contracts require.
    fn default() -> Self {
        Self {
            required: true,
            rate_bp: Some(BasisPoints(1000)),
            amount: None,
        }
    }
}

/// What an owner, or a case, does otherwise than the installation (R7). What is none stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RuleOverride {
    /// Which share of the price bid must be guaranteed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bid_guarantee_rate_bp: Option<BasisPoints>,
    /// Which share of the contract price must be guaranteed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performance_guarantee_rate_bp: Option<BasisPoints>,
    /// How many days a bid bond must outlast the opening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bid_acceptance_days: Option<u32>,
    /// A shortfall of more than this share of what is required is fatal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fatal_shortfall_bp: Option<BasisPoints>,
    /// Required amounts are rounded up to a multiple of this many minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_up_to: Option<i64>,
}

/// The rates and thresholds of one case: the case's own, its owner's, the installation's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchRules {
    /// What a bid must be guaranteed with where its tender does not say.
    pub bid_guarantee: Guarantee,
    /// What a contract must be guaranteed with where its event does not say.
    pub performance_guarantee: Guarantee,
    /// How long a bid bond must outlast the opening.
    pub bid_acceptance: TimeDelta,
    /// A shortfall of more than this share of what is required is fatal.
    pub fatal_shortfall: BasisPoints,
    /// Required amounts are rounded up to a multiple of this many minor units.
    pub round_up_to: i64,
}

impl Policy {
    /// The rates and thresholds of a case of this owner, with what the case does otherwise.
    pub fn match_rules(
        &self,
        owner: Option<&PartyCode>,
        case: Option<&RuleOverride>,
    ) -> MatchRules {
        let mut rules = MatchRules {
            bid_guarantee: self.bid_guarantee.clone(),
            performance_guarantee: self.performance_guarantee.clone(),
            bid_acceptance: self.bid_acceptance,
            fatal_shortfall: self.fatal_shortfall,
            round_up_to: self.round_up_to,
        };
        let of_owner = owner.and_then(|owner| self.owners.get(owner));
        for otherwise in of_owner.into_iter().chain(case) {
            rules.follow(otherwise);
        }
        rules
    }
}

impl MatchRules {
    /// With what an owner, or a case, does otherwise.
    pub(crate) fn follow(&mut self, otherwise: &RuleOverride) {
        if let Some(rate) = otherwise.bid_guarantee_rate_bp {
            self.bid_guarantee = Guarantee::of_rate(rate);
        }
        if let Some(rate) = otherwise.performance_guarantee_rate_bp {
            self.performance_guarantee = Guarantee::of_rate(rate);
        }
        if let Some(days) = otherwise.bid_acceptance_days {
            self.bid_acceptance = TimeDelta::days(i64::from(days));
        }
        self.fatal_shortfall = otherwise.fatal_shortfall_bp.unwrap_or(self.fatal_shortfall);
        self.round_up_to = otherwise.round_up_to.unwrap_or(self.round_up_to);
    }
}

impl Guarantee {
    /// None is required.
    pub fn none() -> Self {
        Self {
            required: false,
            rate_bp: None,
            amount: None,
        }
    }

    /// A share of the price.
    pub fn of_rate(rate: BasisPoints) -> Self {
        Self {
            required: true,
            rate_bp: Some(rate),
            amount: None,
        }
    }

    /// What must be guaranteed at this price, rounded up; nothing where no guarantee is required.
    pub fn required_for(&self, price: &Money, round_up_to: i64) -> Result<Money, MoneyError> {
        if !self.required {
            return Ok(Money::zero(price.currency()));
        }
        match (self.amount, self.rate_bp) {
            (Some(sum), _) => price.same_currency(&sum).map(|()| sum),
            (None, Some(rate)) => price.portion(rate)?.rounded_up_to(round_up_to),
            (None, None) => Ok(Money::zero(price.currency())),
        }
    }
}

/// Up to where an issuer lets the hub update its bonds by itself (R31).
///
/// The limits are measured from the terms the issuer signed last, not from the last automatic update:
/// many small steps cannot add up beyond them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingInstruction {
    /// Counts the issuer's instructions.
    pub version: u32,
    /// When the issuer signed it, as its document says: whatever an instruction says of it itself is overwritten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_at: Option<Timestamp>,
    /// From when it holds; contract changes of earlier business time follow the one before.
    pub valid_from: Timestamp,
    /// Until when it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// The increase allowed, as a share of the signed amount.
    pub max_increase_bp: BasisPoints,
    /// The increase allowed, as a sum.
    pub max_increase: Money,
    /// The extension allowed, in days after the signed end.
    pub max_extension_days: u32,
}

impl StandingInstruction {
    /// Whether it covers going from the signed terms to the wanted ones.
    pub fn covers(&self, signed: (Money, Period), wanted: (Money, Period)) -> bool {
        self.covers_amount(signed.0, wanted.0) && self.covers_period(signed.1, wanted.1)
    }

    /// From when on it is there: where nobody knows when it was signed, since it holds.
    fn known_from(&self) -> Timestamp {
        self.signed_at.unwrap_or(self.valid_from)
    }

    fn covers_amount(&self, signed: Money, wanted: Money) -> bool {
        if signed.same_currency(&wanted).is_err() {
            return false;
        }
        let increase = wanted.amount() - signed.amount();
        let by_rate = signed
            .portion(self.max_increase_bp)
            .map_or(0, |limit| limit.amount());
        let by_sum = signed
            .same_currency(&self.max_increase)
            .map_or(0, |()| self.max_increase.amount());
        increase <= 0 || (increase <= by_rate && increase <= by_sum)
    }

    fn covers_period(&self, signed: Period, wanted: Period) -> bool {
        (wanted.to() - signed.to()).num_days() <= i64::from(self.max_extension_days)
    }
}

/// What the rules need to know of the parties.
#[derive(Debug, Clone, Default)]
pub struct PartyBook {
    /// The parties by code.
    pub parties: BTreeMap<PartyCode, Correspondent>,
    /// Each issuer's standing instructions.
    pub instructions: BTreeMap<PartyCode, Vec<StandingInstruction>>,
}

/// One party as the rules see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Correspondent {
    /// Its roles.
    pub roles: Vec<Role>,
    /// It has a mail address.
    pub has_mail: bool,
    /// Until when its OpenPGP certificate can be used; none without a usable one.
    pub keys_until: Option<Timestamp>,
    /// It has entrusted a signing key to the hub.
    pub signs_here: bool,
    /// Its key's token is away: until when the hub does not try it.
    pub away_until: Option<Timestamp>,
    /// Members and their shares, if it is a joint venture (R1).
    pub members: Vec<Member>,
}

impl PartyBook {
    /// Whether the party is known.
    pub fn knows(&self, party: &PartyCode) -> bool {
        self.parties.contains_key(party)
    }

    /// Whether a key can be mailed to the party now (R50).
    pub fn can_receive_keys(&self, party: &PartyCode, now: Timestamp) -> bool {
        self.parties.get(party).is_some_and(|party| {
            party.has_mail && party.keys_until.is_some_and(|until| now < until)
        })
    }

    /// The members of a joint venture; empty for everybody else, and for whom the hub does not know.
    pub fn members(&self, party: &PartyCode) -> &[Member] {
        self.parties
            .get(party)
            .map_or(&[], |party| party.members.as_slice())
    }

    /// Whether the hub can sign keys for the issuer.
    pub fn signs_here(&self, issuer: &PartyCode) -> bool {
        self.parties
            .get(issuer)
            .is_some_and(|party| party.signs_here)
    }

    /// Until when the token is away with which the hub signs for the issuer; none if it is there, or there is none.
    pub fn away_until(&self, issuer: &PartyCode, now: Timestamp) -> Option<Timestamp> {
        let issuer = self.parties.get(issuer)?;
        issuer
            .away_until
            .filter(|until| issuer.signs_here && now < *until)
    }

    /// Whether a notice to the party has anywhere to go.
    pub fn can_be_told(&self, party: &PartyCode) -> bool {
        self.parties.get(party).is_some_and(|party| party.has_mail)
    }

    /// Whether the issuer's standing instructions let its bond go from the signed terms to the wanted ones because of
    /// something that happened `at` an instant.
    ///
    /// Of those that hold then, the latest counts, as they were signed by then. One that was signed afterwards may
    /// allow what was not allowed before, but takes nothing back: nothing is lowered but by a signed update.
    pub fn covers(
        &self,
        issuer: &PartyCode,
        at: Timestamp,
        signed: (Money, Period),
        wanted: (Money, Period),
    ) -> bool {
        let holding: Vec<_> = self.holding(issuer, at).collect();
        let afterwards = holding.iter().map(|one| one.known_from().max(at));
        afterwards
            .filter_map(|known| latest(&holding, known))
            .any(|one| one.covers(signed, wanted))
    }

    fn holding(
        &self,
        issuer: &PartyCode,
        at: Timestamp,
    ) -> impl Iterator<Item = &StandingInstruction> {
        let all = self.instructions.get(issuer).into_iter().flatten();
        all.filter(move |one| {
            one.valid_from <= at && one.valid_until.is_none_or(|until| at < until)
        })
    }
}

/// Of the instructions that were signed up to an instant, the latest.
fn latest<'a>(
    instructions: &[&'a StandingInstruction],
    known: Timestamp,
) -> Option<&'a StandingInstruction> {
    let signed = instructions.iter().filter(|one| one.known_from() <= known);
    signed
        .max_by_key(|one| (one.valid_from, one.version))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use chrono::NaiveDate;

    fn yen(amount: i64) -> Money {
        Money::new(amount, Currency::JPY).unwrap()
    }

    fn until(day: u32) -> Period {
        let date = |d| NaiveDate::from_ymd_opt(2026, 4, d).unwrap();
        Period::new(date(1), date(day)).unwrap()
    }

    fn instruction() -> StandingInstruction {
        StandingInstruction {
            version: 1,
            signed_at: None,
            valid_from: "2026-01-01T00:00:00Z".parse().unwrap(),
            valid_until: None,
            max_increase_bp: BasisPoints(3000),
            max_increase: yen(50),
            max_extension_days: 10,
        }
    }

    #[test]
    fn both_the_share_and_the_sum_limit_an_increase() {
        let covers =
            |signed, wanted| instruction().covers((yen(signed), until(1)), (yen(wanted), until(1)));
        assert!(covers(100, 130));
        assert!(!covers(100, 131), "31 % is more than 30 %");
        assert!(covers(1000, 1050));
        assert!(!covers(1000, 1051), "51 yen is more than 50");
    }

    #[test]
    fn an_extension_is_limited_in_days() {
        let covers = |to| instruction().covers((yen(1), until(1)), (yen(1), until(to)));
        assert!(covers(11));
        assert!(!covers(12));
    }

    #[test]
    fn a_fixed_sum_goes_before_a_rate_and_no_guarantee_is_nothing() {
        let rate = Guarantee::default();
        assert_eq!(
            rate.required_for(&yen(135_000_005), 1000).unwrap(),
            yen(13_501_000)
        );
        let sum = Guarantee {
            amount: Some(yen(7)),
            ..Guarantee::default()
        };
        assert_eq!(sum.required_for(&yen(1_000), 1).unwrap(), yen(7));
        let none = Guarantee {
            required: false,
            ..Guarantee::default()
        };
        assert_eq!(none.required_for(&yen(1_000), 1).unwrap(), yen(0));
    }

    #[test]
    fn the_instruction_that_held_at_the_time_of_the_change_is_the_one_that_counts() {
        let issuer = PartyCode::parse("S1").unwrap();
        let later = StandingInstruction {
            version: 2,
            valid_from: "2026-06-01T00:00:00Z".parse().unwrap(),
            max_extension_days: 3,
            ..instruction()
        };
        let book = PartyBook {
            instructions: [(issuer.clone(), vec![later, instruction()])].into(),
            ..PartyBook::default()
        };
        let extends = |at: &str, days: u32| {
            let at = at.parse().unwrap();
            book.covers(&issuer, at, (yen(1), until(1)), (yen(1), until(1 + days)))
        };
        assert!(!extends("2025-12-31T00:00:00Z", 0));
        assert!(extends("2026-05-31T23:59:59Z", 10));
        assert!(!extends("2026-06-01T00:00:00Z", 10));
        assert!(extends("2026-06-01T00:00:00Z", 3));
    }

    #[test]
    fn an_instruction_signed_after_a_change_may_allow_it_but_takes_nothing_back() {
        let issuer = PartyCode::parse("S1").unwrap();
        let signed = |day: u32, version, max_extension_days| StandingInstruction {
            version,
            signed_at: format!("2026-05-{day:02}T00:00:00Z").parse().ok(),
            max_extension_days,
            ..instruction()
        };
        let allowed = |instructions: &[StandingInstruction], days: u32| {
            let book = PartyBook {
                instructions: [(issuer.clone(), instructions.to_vec())].into(),
                ..PartyBook::default()
            };
            let change = "2026-05-10T00:00:00Z".parse().unwrap();
            book.covers(
                &issuer,
                change,
                (yen(1), until(1)),
                (yen(1), until(1 + days)),
            )
        };
        let (wide, narrow) = (signed(1, 1, 10), signed(20, 2, 0));
        assert!(
            allowed(&[wide.clone(), narrow.clone()], 10),
            "not taken back"
        );
        assert!(allowed(&[narrow, wide.clone()], 10), "whatever the order");
        assert!(
            !allowed(&[wide.clone(), signed(9, 2, 0)], 10),
            "signed before"
        );
        assert!(
            allowed(&[signed(1, 1, 0), signed(20, 2, 10)], 10),
            "allowed afterwards"
        );
        assert!(allowed(
            &[signed(1, 1, 0), signed(20, 2, 10), signed(25, 3, 0)],
            10
        ));
    }
}
