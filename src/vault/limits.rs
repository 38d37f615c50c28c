//! How often an address, a key and an account may look. In memory, for each hub by itself.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use bondhub_core::{calendar::Timestamp, pace::Pace};
use chrono::TimeDelta;

use super::OpenRefusal;

/// What is allowed in a minute.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// Looks from one address; IPv6 addresses count by their /64.
    pub per_address: u32,
    /// Looks with one key.
    pub per_key: u32,
    /// Looks by one account.
    pub per_account: u32,
    /// Refused looks from one address.
    pub refused_per_address: u32,
    /// Of so many of each something is remembered.
    pub remembered: usize,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            per_address: 1200,
            per_key: 120,
            per_account: 1200,
            refused_per_address: 30,
            remembered: 50_000,
        }
    }
}

/// Counts looks.
pub struct Limits(Mutex<Paces>);

struct Paces {
    address: Pace,
    key: Pace,
    account: Pace,
    refused: Pace,
}

impl Limits {
    /// Nothing was counted yet.
    pub fn new(allowance: Allowance) -> Self {
        let pace = |count| Pace::new(count, TimeDelta::minutes(1), allowance.remembered);
        Self(Mutex::new(Paces {
            address: pace(allowance.per_address),
            key: pace(allowance.per_key),
            account: pace(allowance.per_account),
            refused: pace(allowance.refused_per_address),
        }))
    }

    /// Lets somebody come near, before anything is read.
    pub(crate) fn admit(
        &self,
        from: Option<IpAddr>,
        account: Option<&str>,
        now: Timestamp,
    ) -> Result<(), OpenRefusal> {
        self.with(|paces| {
            if let Some(address) = from.map(network) {
                if let Some(wait) = paces.refused.wait(&address, now) {
                    return Err(later(wait));
                }
                paces.address.take(&address, now).map_err(later)?;
            }
            account.map_or(Ok(()), |account| {
                paces.account.take(account, now).map_err(later)
            })
        })
    }

    /// Counts a look with a key whose secret was right: nobody else can use its allowance up.
    pub(super) fn admit_key(&self, kid: &str, now: Timestamp) -> Result<(), OpenRefusal> {
        self.with(|paces| paces.key.take(kid, now).map_err(later))
    }

    /// Counts a refused look.
    pub(crate) fn refused(&self, from: Option<IpAddr>, now: Timestamp) {
        if let Some(address) = from.map(network) {
            // Whoever used everything up was not let in.
            let _counted = self.with(|paces| paces.refused.take(&address, now).map_err(later));
        }
    }

    fn with<T>(&self, run: impl FnOnce(&mut Paces) -> T) -> T {
        run(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn later(wait: TimeDelta) -> OpenRefusal {
    let whole = wait.num_seconds();
    let begun = wait > TimeDelta::seconds(whole);
    OpenRefusal::Later {
        seconds: whole + i64::from(begun),
    }
}

/// One household or company has a whole /64 of IPv6 addresses.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tight() -> Limits {
        Limits::new(Allowance {
            per_address: 3,
            per_key: 2,
            per_account: 1,
            refused_per_address: 1,
            remembered: 10,
        })
    }

    fn noon() -> Timestamp {
        "2026-04-01T03:00:00Z".parse().unwrap()
    }

    fn seconds(outcome: Result<(), OpenRefusal>) -> i64 {
        match outcome {
            Err(OpenRefusal::Later { seconds }) => seconds,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn address_account_and_key_are_limited_each_by_itself() {
        let (limits, home) = (tight(), Some(IpAddr::from([192, 0, 2, 1])));
        for _ in 0..3 {
            limits.admit(home, None, noon()).unwrap();
        }
        assert_eq!(seconds(limits.admit(home, None, noon())), 20);
        limits.admit(None, Some("a"), noon()).unwrap();
        assert_eq!(seconds(limits.admit(None, Some("a"), noon())), 60);
        limits.admit_key("K", noon()).unwrap();
        limits.admit_key("K", noon()).unwrap();
        assert_eq!(seconds(limits.admit_key("K", noon())), 30);
        limits.admit(None, None, noon()).unwrap();
    }

    #[test]
    fn refusals_close_the_door_sooner_and_an_ipv6_network_counts_as_one() {
        let limits = tight();
        let address = |last| Some(IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, last]));
        limits.admit(address(1), None, noon()).unwrap();
        limits.refused(address(1), noon());
        assert_eq!(seconds(limits.admit(address(2), None, noon())), 60);
        let elsewhere = Some(IpAddr::from([0x2001, 0xdb8, 0, 2, 0, 0, 0, 1]));
        limits.admit(elsewhere, None, noon()).unwrap();
    }
}
