//! From a reservation to its performance bond (R6): what the registration takes over from it.

use super::{performance, scene::Scene};
use crate::{
    bond::{BondKind, BondTerms},
    calendar::{Period, Timestamp},
    identifier::{BondId, ContractId},
    procurement::{CaseFile, ContractFile},
    rules::Rules,
};

/// The performance bond that continues a reservation: its parties, lot and instrument, and what the contract asks,
/// once it is concluded. None if there is no such reservation.
///
/// The issuer may sign other terms; the match tells where they do not fit ([`crate::matching`]).
pub fn continued(
    file: &CaseFile,
    rules: &Rules,
    now: Timestamp,
    reservation: &BondId,
) -> Option<BondTerms> {
    let scene = Scene::new(file, rules, now);
    let signed = file.bonds.get(reservation)?.signed.as_ref()?;
    let reserved = &signed.value;
    if reserved.kind != BondKind::PerformanceReservation {
        return None;
    }
    let contract = contract_of(&scene, reserved);
    let demand = contract.and_then(|(id, _)| performance::demand_of(&scene, id));
    let period = contract.and_then(|(_, contract)| period_of(contract));
    Some(BondTerms {
        kind: BondKind::Performance,
        contract: contract.map(|(id, _)| id.clone()),
        amount: demand.map_or(reserved.amount, |demand| demand.amount),
        period: period.unwrap_or(reserved.period),
        takes_over: Some(reservation.number.clone()),
        opening_at: None,
        forfeitable: false,
        converts_to: None,
        ..reserved.clone()
    })
}

/// The contract that was concluded with the reservation's contractor for what it covers.
fn contract_of<'a>(
    scene: &Scene<'a>,
    reserved: &BondTerms,
) -> Option<(&'a ContractId, &'a ContractFile)> {
    let scopes = scene.scopes_of_bond(reserved);
    let mut concluded = scene.concluded();
    let found = concluded.find(|(_, _, fact)| {
        scene.contractor_of(&fact.value) == Some(&reserved.principal)
            && scopes
                .iter()
                .any(|scope| scene.contract_covers(&fact.value, scope))
    });
    found.map(|(id, file, _)| (id, file))
}

fn period_of(contract: &ContractFile) -> Option<Period> {
    let mut told = contract.terms.iter().rev();
    told.find_map(|told| told.value.terms.period)
}
