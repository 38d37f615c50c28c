//! What the mail server got, opened by its readers.

use std::collections::BTreeMap;

use bondhub_core::{identifier::BondId, key::KeyFile, ports::store::KeyState};
use bondhub_test_support::smtp_sink::Stored;

use super::{cast::address, world::World};

impl World {
    /// The mails a party got, by Message-ID.
    pub(crate) fn mails_to(&self, party: &str) -> BTreeMap<String, Stored> {
        let address = address(party);
        let mut mails = self.sink.stored();
        mails.retain(|_, mail| mail.to.contains(&address));
        mails
    }

    /// A mail, opened by a party; none if it is not for it.
    pub(crate) fn opened_by(&self, party: &str, mail: &Stored) -> Option<Vec<u8>> {
        let reader = &self.cast.readers[party];
        reader
            .open_mail(&mail.bytes, &self.hub_certificate, self.now())
            .ok()
    }

    /// The key files a party got, by the keys' public names.
    pub(crate) fn key_files(&self, party: &str) -> BTreeMap<String, Vec<u8>> {
        let mails = self.mails_to(party).into_values();
        mails
            .filter_map(|mail| key_file(&self.opened_by(party, &mail)?))
            .map(|file| {
                let kid = KeyFile::parse(&file)
                    .unwrap()
                    .token
                    .kid()
                    .as_str()
                    .to_owned();
                (kid, file)
            })
            .collect()
    }

    /// The file of the live key that a party holds to a bond.
    pub(crate) async fn live_key(&self, party: &str, bond: &str) -> Vec<u8> {
        let id = BondId::try_from(bond.to_owned()).unwrap();
        let view = self.store().bond(&id).await.unwrap().unwrap();
        let live = view
            .keys
            .iter()
            .find(|key| key.state == KeyState::Live && key.key.holder.as_str() == party);
        let kid = &live
            .unwrap_or_else(|| panic!("{party} holds no live key to {bond}"))
            .key
            .kid;
        let mut files = self.key_files(party);
        files
            .remove(kid)
            .unwrap_or_else(|| panic!("no mail brought {party} the key {kid}"))
    }
}

/// The key file within an opened mail.
fn key_file(inside: &[u8]) -> Option<Vec<u8>> {
    const END: &str = "-----END CMS-----";
    let text = String::from_utf8_lossy(inside);
    let from = text.find("BOND-KEY-FILE: 1")?;
    let to = text[from..].find(END)? + from + END.len();
    Some(text[from..to].as_bytes().to_vec())
}
