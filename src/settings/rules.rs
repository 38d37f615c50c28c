//! Section `rules`.

use std::collections::BTreeMap;

use bondhub_core::{
    identifier::PartyCode,
    money::BasisPoints,
    rules::{Guarantee, Policy, ReleaseLosers, RuleOverride},
};
use chrono::{DateTime, FixedOffset, Offset as _, TimeDelta, TimeZone as _};
use chrono_tz::Tz;

use super::{SettingsError, section::Section};

/// What the installation decided about bonds.
#[derive(Debug)]
pub struct RulesSettings {
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
    /// A shortfall of more than this share of what is required is fatal (R7).
    pub fatal_shortfall: BasisPoints,
    /// What differs for single owners.
    pub owners: BTreeMap<PartyCode, RuleOverride>,
    /// Required amounts are rounded up to a multiple of this many minor units.
    pub round_up_to: i64,
    /// Days before the end of a bond on which its parties are reminded.
    pub reminder_days: Vec<i64>,
    /// How long something may wait before an operator is asked (R34).
    pub wait_deadline: TimeDelta,
    /// The zone days are reckoned in.
    pub zone: Tz,
    /// The zone's offset, which never changes.
    pub offset: FixedOffset,
}

impl RulesSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        let (zone, offset) = zone(section)?;
        Ok(Self {
            release_losers: release_losers(section)?,
            release_hold: hours(section, "release_hold_hours", 0)?,
            bid_acceptance: TimeDelta::days(section.number("bid_acceptance_days", 0..=3650)?),
            performance_guarantee: performance_guarantee(section)?,
            bid_guarantee: bid_guarantee(section)?,
            fatal_shortfall: BasisPoints(section.number("fatal_shortfall_bp", 0..=10_000)?),
            owners: owners(section)?,
            round_up_to: section.number("round_up_to", 1..=1_000_000_000)?,
            reminder_days: reminder_days(section)?,
            wait_deadline: hours(section, "wait_deadline_hours", 1)?,
            zone,
            offset,
        })
    }

    /// The policy that cases are reconciled under.
    pub fn to_policy(&self) -> Policy {
        Policy {
            zone: self.offset,
            release_losers: self.release_losers,
            release_hold: self.release_hold,
            bid_acceptance: self.bid_acceptance,
            performance_guarantee: self.performance_guarantee.clone(),
            bid_guarantee: self.bid_guarantee.clone(),
            fatal_shortfall: self.fatal_shortfall,
            owners: self.owners.clone(),
            round_up_to: self.round_up_to,
            reminder_days: self.reminder_days.clone(),
            wait_deadline: self.wait_deadline,
        }
    }
}

fn release_losers(section: &Section<'_>) -> Result<ReleaseLosers, SettingsError> {
    let choices = [
        ("at_contract", ReleaseLosers::AtContract),
        ("at_award", ReleaseLosers::AtAward),
    ];
    section.choice("release_losers", &choices)
}

fn hours(section: &Section<'_>, key: &str, least: i64) -> Result<TimeDelta, SettingsError> {
    section.number(key, least..=8760).map(TimeDelta::hours)
}

fn performance_guarantee(section: &Section<'_>) -> Result<Guarantee, SettingsError> {
    let rate = section.number("performance_guarantee_rate_bp", 0..=10_000)?;
    Ok(Guarantee {
        required: section.flag("performance_guarantee_required")?,
        rate_bp: Some(BasisPoints(rate)),
        amount: None,
    })
}

fn bid_guarantee(section: &Section<'_>) -> Result<Guarantee, SettingsError> {
    let rate = section.number("bid_guarantee_rate_bp", 0..=10_000)?;
    let required = section.flag("bid_guarantee_required")?;
    let asked = Guarantee::of_rate(BasisPoints(rate));
    Ok(if required { asked } else { Guarantee::none() })
}

/// Each entry is `OWNER key=number …`, with the keys of [`RuleOverride`].
fn owners(section: &Section<'_>) -> Result<BTreeMap<PartyCode, RuleOverride>, SettingsError> {
    let mut owners = BTreeMap::new();
    for entry in section.texts("owners")? {
        let (owner, otherwise) = owner(&entry).ok_or_else(|| {
            let problem = format!(
                "expected `OWNER key=number …` with the keys bid_guarantee_rate_bp, \
                 performance_guarantee_rate_bp, bid_acceptance_days, fatal_shortfall_bp, \
                 round_up_to; found `{entry}`"
            );
            section.invalid("owners", &problem)
        })?;
        owners.insert(owner, otherwise);
    }
    Ok(owners)
}

fn owner(entry: &str) -> Option<(PartyCode, RuleOverride)> {
    let (code, rest) = entry.split_once(' ')?;
    let mut otherwise = RuleOverride::default();
    for pair in rest.split_whitespace() {
        let (key, number) = pair.split_once('=')?;
        let number: u32 = number.parse().ok()?;
        let rate = (number <= 10_000).then_some(BasisPoints(number));
        match key {
            "bid_guarantee_rate_bp" => otherwise.bid_guarantee_rate_bp = Some(rate?),
            "performance_guarantee_rate_bp" => {
                otherwise.performance_guarantee_rate_bp = Some(rate?);
            }
            "fatal_shortfall_bp" => otherwise.fatal_shortfall_bp = Some(rate?),
            "bid_acceptance_days" => otherwise.bid_acceptance_days = Some(number),
            "round_up_to" => otherwise.round_up_to = Some(i64::from(number.max(1))),
            _ => return None,
        }
    }
    Some((PartyCode::parse(code).ok()?, otherwise))
}

/// From the farthest to the nearest, each once.
fn reminder_days(section: &Section<'_>) -> Result<Vec<i64>, SettingsError> {
    let mut days: Vec<i64> = section.numbers("reminder_days", &(1..=3650))?;
    days.sort_unstable_by(|one, other| other.cmp(one));
    days.dedup();
    Ok(days)
}

fn zone(section: &Section<'_>) -> Result<(Tz, FixedOffset), SettingsError> {
    let name = section.text("zone")?;
    let zone: Tz = name
        .parse()
        .map_err(|_| section.invalid("zone", "expected an IANA zone such as Asia/Tokyo"))?;
    let offset = constant_offset(zone).ok_or_else(|| {
        section.invalid(
            "zone",
            &format!(
                "expected a zone whose clock never changes, but that of {name} does; name one \
                 such as Asia/Tokyo or Etc/GMT-9"
            ),
        )
    })?;
    Ok((zone, offset))
}

/// The zone's offset if it is the same all through the years that bonds are written for.
///
/// A day that is 23 or 25 hours long would make "ends on that day" mean two things; the hub serves
/// countries that have no such day, and says so rather than be an hour wrong.
fn constant_offset(zone: Tz) -> Option<FixedOffset> {
    const FIRST: i64 = 1_735_689_600; // 2025-01-01T00:00:00Z
    const WEEK: i64 = 7 * 86_400;
    const WEEKS: i64 = 52 * 15;
    let mut offsets = (0..WEEKS)
        .filter_map(|week| DateTime::from_timestamp(FIRST + week * WEEK, 0))
        .map(|instant| zone.offset_from_utc_datetime(&instant.naive_utc()).fix());
    let first = offsets.next()?;
    offsets.all(|offset| offset == first).then_some(first)
}
