//! Bids (bids extension): who bid, for which lots.

use bondhub_core::{money::Money, procurement::Fact};

use super::{Facts, Release};
use crate::{amount, node::Node};

/// A bid hands its bonds to the owner (R14); an invitation or a withdrawn bid does not.
pub(super) fn facts(release: &Release<'_>) -> Facts {
    let Some(bids) = release.root.object("bids")? else {
        return Ok(Vec::new());
    };
    let mut facts = Vec::new();
    for bid in bids.objects("details")? {
        if matches!(bid.text("status"), Some("valid" | "pending")) {
            facts.extend(bid_facts(release, &bid)?);
        }
    }
    Ok(facts)
}

fn bid_facts(release: &Release<'_>, bid: &Node<'_>) -> Facts {
    let lots = super::related_lots(bid);
    let tenderers = super::party_codes(release, &bid.objects("tenderers")?)?;
    let amount = price(bid).filter(|_| lots.len() < 2);
    let scopes = super::scopes(&lots);
    let each = |contractor: &bondhub_core::identifier::PartyCode| {
        let contractor = contractor.clone();
        scopes.clone().into_iter().map(move |scope| Fact::Bid {
            contractor: contractor.clone(),
            scope,
            bonds: Vec::new(),
            amount,
        })
    };
    Ok(tenderers.iter().flat_map(each).collect())
}

/// A price that is not exact is passed over: the bid counts all the same.
fn price(bid: &Node<'_>) -> Option<Money> {
    amount::money(&bid.member("value")?).ok().flatten()
}
