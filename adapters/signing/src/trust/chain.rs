//! Chains from a signer's certificate to a root, as of the signing time.

use bondhub_core::calendar::Timestamp;
use openssl::{
    error::ErrorStack,
    stack::Stack,
    x509::{
        X509, X509PurposeId, X509Ref, X509StoreContext,
        store::{X509Store, X509StoreBuilder},
        verify::{X509VerifyFlags, X509VerifyParam},
    },
};

use super::{Signer, TrustError};
use crate::{
    certificate::{
        self,
        extensions::{critical_ones_of_authority_are_known, has_private_critical},
    },
    verify::Refusal,
};

/// Certificates that came with a signature and are looked at; nobody honest sends more.
const MOST_COMPANY: usize = 32;
/// Certificates between signer and root: a bridge needs three or four.
const DEEPEST: i32 = 10;
/// 112 bits: no SHA-1, no RSA below 2048 bits anywhere in the chain.
const SECURITY_LEVEL: i32 = 2;

/// The authorities the hub knows.
pub(super) struct Authorities {
    roots: Vec<X509>,
    between: Vec<X509>,
}

/// A verified chain, from the signer's certificate to the root.
pub(super) type Chain = Vec<X509>;

impl Authorities {
    /// Reads two bundles in PEM.
    pub(super) fn read(roots: &[u8], between: &[u8]) -> Result<Self, TrustError> {
        let roots = bundle("root certificates", roots)?;
        if let Some(other) = roots.iter().find(|one| !is_self_signed(one)) {
            let name = certificate::one_line(other.subject_name());
            return Err(TrustError::NotRoot(name));
        }
        if roots.is_empty() {
            let none = "there is no certificate in the file".to_owned();
            return Err(TrustError::Unreadable("root certificates", none));
        }
        let between = bundle("intermediate certificates", between)?;
        Ok(Self { roots, between })
    }

    /// The chain from the signer to a root, each link valid when the document was signed.
    pub(super) fn chain(&self, signer: &Signer<'_>) -> Result<Chain, Refusal> {
        let company = signer.company.iter().take(MOST_COMPANY);
        let company = company.filter_map(|der| certificate::read_der(der).ok());
        self.build(signer.certificate, company, signer.signed_at)
    }

    /// Whether the hub knows a way from this authority's certificate to a root.
    pub(super) fn knows(&self, authority: &X509, at: Timestamp) -> bool {
        self.build(authority, std::iter::empty(), at).is_ok()
    }

    /// The authorities with this name.
    pub(super) fn named<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = &'a X509> {
        let all = self.roots.iter().chain(&self.between);
        all.filter(move |one| one.subject_name().to_der().is_ok_and(|own| own == name))
    }

    fn build(
        &self,
        certificate: &X509,
        company: impl Iterator<Item = X509>,
        at: Timestamp,
    ) -> Result<Chain, Refusal> {
        let library = |error: ErrorStack| Refusal::Library(certificate::reason(&error));
        let store = self.store(certificate, at).map_err(library)?;
        let between = self.untrusted(company).map_err(library)?;
        let mut found = Err(Refusal::Library("no chain was built".to_owned()));
        X509StoreContext::new()
            .and_then(|mut context| {
                context.init(&store, certificate, &between, |context| {
                    found = if context.verify_cert()? {
                        Ok(context
                            .chain()
                            .map(|chain| chain.iter().map(X509Ref::to_owned).collect()))
                    } else {
                        let at = context.current_cert().unwrap_or(certificate);
                        Err(Refusal::NoChain {
                            certificate: certificate::one_line(at.subject_name()),
                            why: context.error().error_string().to_owned(),
                        })
                    }
                    .map(Option::unwrap_or_default);
                    Ok(())
                })
            })
            .map_err(library)?;
        found.and_then(check_extensions)
    }

    /// The library takes the last second of validity for expired; the signer's own validity was checked
    /// before.
    fn store(&self, certificate: &X509, at: Timestamp) -> Result<X509Store, ErrorStack> {
        let end = certificate::instant(certificate.not_after());
        let as_of = end.map_or(at, |end| at.min(end - chrono::TimeDelta::seconds(1)));
        let mut flags = X509VerifyFlags::POLICY_CHECK | X509VerifyFlags::TRUSTED_FIRST;
        // Only what is known here and not to the library; everything else it judges itself.
        if certificate
            .to_der()
            .is_ok_and(|der| has_private_critical(&der))
        {
            flags |= X509VerifyFlags::IGNORE_CRITICAL;
        }
        let mut rules = X509VerifyParam::new()?;
        rules.set_flags(flags)?;
        rules.set_time(as_of.timestamp());
        rules.set_depth(DEEPEST);
        rules.set_auth_level(SECURITY_LEVEL);
        rules.set_purpose(X509PurposeId::ANY)?;
        let mut store = X509StoreBuilder::new()?;
        for root in &self.roots {
            store.add_cert(root.clone())?;
        }
        store.set_param(&rules)?;
        Ok(store.build())
    }

    /// What a chain may be built of. Self-signed certificates that came along are left out: the library
    /// would end at one, without looking for the cross-certificate of the same authority.
    fn untrusted(&self, company: impl Iterator<Item = X509>) -> Result<Stack<X509>, ErrorStack> {
        let mut between = Stack::new()?;
        for certificate in self.between.iter().cloned().chain(company) {
            if !is_self_signed(&certificate) {
                between.push(certificate)?;
            }
        }
        Ok(between)
    }
}

/// The signer's extensions were checked before; where the library was told to ignore critical ones,
/// those of the authorities are checked here.
fn check_extensions(chain: Chain) -> Result<Chain, Refusal> {
    let odd = chain.iter().skip(1).find(|authority| {
        !authority
            .to_der()
            .is_ok_and(|der| critical_ones_of_authority_are_known(&der))
    });
    match odd {
        None => Ok(chain),
        Some(authority) => Err(Refusal::NoChain {
            certificate: certificate::one_line(authority.subject_name()),
            why: "unhandled critical extension".to_owned(),
        }),
    }
}

fn bundle(what: &'static str, pem: &[u8]) -> Result<Vec<X509>, TrustError> {
    let unreadable = |error: &ErrorStack| TrustError::Unreadable(what, certificate::reason(error));
    if pem.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    X509::stack_from_pem(pem).map_err(|error| unreadable(&error))
}

pub(super) fn is_self_signed(certificate: &X509Ref) -> bool {
    let names = certificate
        .subject_name()
        .try_cmp(certificate.issuer_name());
    names.is_ok_and(std::cmp::Ordering::is_eq)
        && certificate
            .public_key()
            .and_then(|key| certificate.verify(&key))
            .unwrap_or(false)
}
