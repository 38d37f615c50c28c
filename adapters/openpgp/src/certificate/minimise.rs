//! The part of a certificate that encryption needs.

use bondhub_core::ports::openpgp::CertificateRefusal;
use sequoia_openpgp::{
    Cert, Packet,
    packet::{Signature, UserID},
    serialize::SerializeInto,
};

use super::{check::Usable, frame::unreadable};

/// Keeps the primary key, the user id that matched and the primary one (it may carry the expiry), the
/// usable encryption keys, and what their owner signed about them. Photos, other addresses and other
/// people's certifications are personal data that the hub does not need.
pub(super) fn minimise(
    usable: &Usable<'_>,
    user_id: &UserID,
) -> Result<Vec<u8>, CertificateRefusal> {
    let packets = [primary(usable), user_ids(usable, user_id), subkeys(usable)].concat();
    Cert::from_packets(packets.into_iter())
        .and_then(|cert| cert.to_vec())
        .map_err(|error| unreadable(&error.root_cause().to_string()))
}

fn primary(usable: &Usable<'_>) -> Vec<Packet> {
    let primary = usable.cert.cert().primary_key();
    let key = Packet::from(primary.key().clone());
    let signatures = primary.self_signatures().chain(primary.self_revocations());
    with_signatures(key, signatures)
}

fn user_ids(usable: &Usable<'_>, wanted: &UserID) -> Vec<Packet> {
    let main = usable
        .cert
        .primary_userid()
        .ok()
        .map(|main| main.userid().clone());
    let kept = |id: &UserID| id == wanted || main.as_ref() == Some(id);
    usable
        .cert
        .cert()
        .userids()
        .filter(|one| kept(one.userid()))
        .flat_map(|one| {
            let signatures = one.self_signatures().chain(one.self_revocations());
            with_signatures(Packet::from(one.userid().clone()), signatures)
        })
        .collect()
}

fn subkeys(usable: &Usable<'_>) -> Vec<Packet> {
    let kept = |print| {
        usable
            .keys
            .iter()
            .any(|key| key.key().fingerprint() == print)
    };
    usable
        .cert
        .cert()
        .keys()
        .subkeys()
        .filter(|one| kept(one.key().fingerprint()))
        .flat_map(|one| {
            let signatures = one.self_signatures().chain(one.self_revocations());
            with_signatures(Packet::from(one.key().clone()), signatures)
        })
        .collect()
}

fn with_signatures<'a>(
    component: Packet,
    signatures: impl Iterator<Item = &'a Signature>,
) -> Vec<Packet> {
    std::iter::once(component)
        .chain(signatures.cloned().map(Packet::from))
        .collect()
}
