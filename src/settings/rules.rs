//! Section `rules`.

use bondhub_core::{
    money::BasisPoints,
    rules::{Guarantee, Policy, ReleaseLosers},
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
