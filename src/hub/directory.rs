//! The parties as one snapshot in memory: rules, addresses, certificates, entrusted keys.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use bondhub_core::{
    calendar::Timestamp,
    identifier::PartyCode,
    party::{OpenPgpCertificate, Party, SigningCertificate},
    ports::store::{Book, Store, StoreError},
    rules::{Correspondent, PartyBook, Policy, Rules},
};
use zeroize::Zeroizing;

use crate::vault::MasterKey;

/// A snapshot of everything known of the parties.
pub struct Directory {
    /// The store's count of changes it was read at.
    pub generation: i64,
    /// What reconciling needs.
    pub rules: Rules,
    /// The parties.
    pub parties: BTreeMap<PartyCode, Party>,
    /// The certificate that mails to a party are encrypted to: the newest one in use.
    pub certificates: BTreeMap<PartyCode, OpenPgpCertificate>,
    /// Every pinned signing certificate, revoked ones too: who signed with one is told so, and what was taken before stays taken.
    pub pinned: Vec<SigningCertificate>,
    /// The keys issuers entrusted to the hub.
    pub entrusted: BTreeMap<PartyCode, Entrusted>,
}

/// An issuer's signing key, unsealed.
pub struct Entrusted {
    /// SHA-256 of the certificate's DER.
    pub fingerprint: String,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// The private key, PKCS#8 DER.
    pub private_key: Zeroizing<Vec<u8>>,
}

/// The place an entrusted key is sealed for.
pub fn entrusted_place(fingerprint: &str) -> String {
    format!("entrusted:{fingerprint}")
}

impl Directory {
    /// Makes a snapshot of what the store holds.
    ///
    /// What is in doubt counts as not there, or not for the moment: the rules ask for another, or wait.
    pub fn of(book: Book, policy: Policy, master: &MasterKey, doubts: &Doubts) -> Self {
        let mut certificates = current_certificates(book.certificates);
        certificates.retain(|_, one| !doubts.distrusted.contains(&one.fingerprint));
        let mut entrusted = entrusted_keys(&book.signing, master);
        entrusted.retain(|_, one| !doubts.distrusted.contains(&one.fingerprint));
        let correspondents = book
            .parties
            .iter()
            .map(|party| {
                (
                    party.code.clone(),
                    correspondent(party, &certificates, &entrusted, doubts),
                )
            })
            .collect();
        let mut instructions: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for row in book.instructions {
            instructions
                .entry(row.issuer)
                .or_default()
                .push(row.instruction);
        }
        let parties = PartyBook {
            parties: correspondents,
            instructions,
        };
        Self {
            generation: book.generation,
            rules: Rules { policy, parties },
            parties: book
                .parties
                .into_iter()
                .map(|party| (party.code.clone(), party))
                .collect(),
            certificates,
            pinned: book.signing,
            entrusted,
        }
    }

    /// The certificate to encrypt to, if it can be used now.
    pub fn certificate(&self, party: &PartyCode, now: Timestamp) -> Option<&OpenPgpCertificate> {
        let certificate = self.certificates.get(party)?;
        certificate
            .usable_until
            .is_none_or(|until| now < until)
            .then_some(certificate)
    }
}

fn current_certificates(all: Vec<OpenPgpCertificate>) -> BTreeMap<PartyCode, OpenPgpCertificate> {
    let mut in_use: Vec<_> = all
        .into_iter()
        .filter(|one| one.revoked_at.is_none())
        .collect();
    in_use.sort_by_key(|certificate| certificate.added_at);
    in_use
        .into_iter()
        .map(|certificate| (certificate.party.clone(), certificate))
        .collect()
}

fn entrusted_keys(
    all: &[SigningCertificate],
    master: &MasterKey,
) -> BTreeMap<PartyCode, Entrusted> {
    let unseal = |certificate: &SigningCertificate| {
        let sealed = certificate.entrusted_key.as_ref()?;
        match master.unseal(&entrusted_place(&certificate.fingerprint), sealed) {
            Ok(private_key) => Some(Entrusted {
                fingerprint: certificate.fingerprint.clone(),
                certificate: certificate.der.clone(),
                private_key,
            }),
            Err(error) => {
                tracing::error!(party.code = %certificate.party, "{error}");
                None
            }
        }
    };
    let mut in_use: Vec<_> = all.iter().filter(|one| one.revoked_at.is_none()).collect();
    in_use.sort_by_key(|certificate| certificate.added_at);
    in_use
        .into_iter()
        .filter_map(|one| Some((one.party.clone(), unseal(one)?)))
        .collect()
}

fn correspondent(
    party: &Party,
    certificates: &BTreeMap<PartyCode, OpenPgpCertificate>,
    entrusted: &BTreeMap<PartyCode, Entrusted>,
    doubts: &Doubts,
) -> Correspondent {
    let key = entrusted.get(&party.code);
    let keys_until = certificates
        .get(&party.code)
        .map(|certificate| certificate.usable_until.unwrap_or(Timestamp::MAX_UTC));
    Correspondent {
        roles: party.roles.clone(),
        has_mail: !party.mail.is_empty(),
        keys_until,
        signs_here: key.is_some(),
        away_until: key.and_then(|key| doubts.away.get(&key.fingerprint).copied()),
        members: party.members.clone(),
    }
}

/// Keeps the newest snapshot.
pub struct Directories {
    store: Arc<dyn Store>,
    policy: Policy,
    master: Arc<MasterKey>,
    newest: RwLock<Arc<Directory>>,
    doubts: Mutex<Doubts>,
}

/// Certificates and keys that failed although they ought to work, by fingerprint. In this process only: a hub that
/// starts again tries them again.
#[derive(Debug, Clone, Default)]
pub struct Doubts {
    /// These cannot be used.
    distrusted: BTreeSet<String>,
    /// The tokens of these are away: until when they are not tried again.
    away: BTreeMap<String, Timestamp>,
}

impl Directories {
    /// Reads the first snapshot.
    pub async fn open(
        store: Arc<dyn Store>,
        policy: Policy,
        master: Arc<MasterKey>,
    ) -> Result<Self, StoreError> {
        let none = Doubts::default();
        let first = Directory::of(store.book().await?, policy.clone(), &master, &none);
        Ok(Self {
            store,
            policy,
            master,
            newest: RwLock::new(Arc::new(first)),
            doubts: Mutex::new(none),
        })
    }

    /// The newest snapshot read.
    pub fn newest(&self) -> Arc<Directory> {
        Arc::clone(&self.newest.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A snapshot that is at least of `generation`: reads again if the store has changed since.
    pub async fn at_least(&self, generation: i64) -> Result<Arc<Directory>, StoreError> {
        let newest = self.newest();
        if newest.generation >= generation {
            return Ok(newest);
        }
        self.read().await
    }

    /// Counts a certificate or entrusted key as not there, because using it failed: what needs it waits,
    /// and its holder is asked for another.
    pub async fn distrust(&self, fingerprint: &str) -> Result<(), StoreError> {
        self.doubts().distrusted.insert(fingerprint.to_owned());
        self.read().await.map(|_| ())
    }

    /// Counts an entrusted key as not there until then, because its token is away: what needs it waits so long.
    pub async fn suspend(&self, fingerprint: &str, until: Timestamp) -> Result<(), StoreError> {
        self.doubts().away.insert(fingerprint.to_owned(), until);
        self.read().await.map(|_| ())
    }

    fn doubts(&self) -> MutexGuard<'_, Doubts> {
        self.doubts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn read(&self) -> Result<Arc<Directory>, StoreError> {
        let book = self.store.book().await?;
        let doubts = self.doubts().clone();
        let read = Directory::of(book, self.policy.clone(), &self.master, &doubts);
        let read = Arc::new(read);
        let mut slot = self.newest.write().unwrap_or_else(PoisonError::into_inner);
        if slot.generation <= read.generation {
            *slot = Arc::clone(&read);
        }
        Ok(read)
    }
}
