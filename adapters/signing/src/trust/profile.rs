//! Profiles: what the certificates of an issuer, or of an authority, must say.

use std::collections::BTreeSet;

use openssl::{
    asn1::{Asn1Object, Asn1ObjectRef},
    nid::Nid,
    x509::{X509, X509Ref},
};

use super::policy;
use crate::{
    certificate::{self, extensions, identifier_of},
    der::Reader,
};

/// What certificates must say. Every profile that applies must be met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// What it is called in refusals.
    pub name: String,
    /// Codes of the parties whose certificates it applies to; empty for all.
    pub parties: BTreeSet<String>,
    /// Authorities below which it applies, as subject in one line or SHA-256 fingerprint; empty for all.
    pub authorities: BTreeSet<String>,
    /// Policies of which the certificate must be under one, in the root's own words, dotted.
    pub policies: BTreeSet<String>,
    /// Attributes of the subject.
    pub subject: Vec<Attribute>,
    /// Values of extensions.
    pub extensions: Vec<ExtensionValue>,
}

/// An attribute of the subject: there with this value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its short name (`O`, `OU`, `CN`, `serialNumber` …) or identifier, dotted.
    pub name: String,
    /// Its value; none if any value will do.
    pub value: Option<String>,
}

/// A text within an extension's value, such as the corporate number of a commercial registration
/// (1.2.392.100300.1.1.3, field 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionValue {
    /// The extension's identifier, dotted.
    pub identifier: String,
    /// The number of the context tag that the text stands in; none for anywhere.
    pub field: Option<u8>,
    /// The text, the whole of it.
    pub value: String,
}

impl Profile {
    pub(super) fn applies(&self, party: &str, chain: &[X509]) -> bool {
        let to_party = self.parties.is_empty() || self.parties.contains(party);
        let below = |authority: &X509| {
            certificate::details(authority).is_ok_and(|details| {
                self.authorities.contains(&details.subject)
                    || self.authorities.contains(&details.fingerprint)
            })
        };
        let to_authority = self.authorities.is_empty() || chain.iter().skip(1).any(below);
        to_party && to_authority
    }

    /// Whether the first of the chain says all that is asked for; if not, what is missing.
    pub(super) fn check(&self, chain: &[X509]) -> Result<(), String> {
        let Some(signer) = chain.first() else {
            return Err(format!("`{}`: there is no certificate", self.name));
        };
        let missing = self
            .missing_policy(chain)
            .or_else(|| self.subject.iter().find_map(|one| one.missing(signer)))
            .or_else(|| self.extensions.iter().find_map(|one| one.missing(signer)));
        match missing {
            None => Ok(()),
            Some(missing) => Err(format!("`{}`: {missing}", self.name)),
        }
    }

    fn missing_policy(&self, chain: &[X509]) -> Option<String> {
        if self.policies.is_empty() {
            return None;
        }
        let accepted = self
            .policies
            .iter()
            .filter_map(|dotted| identifier_of(dotted));
        if policy::is_under(chain, &accepted.collect()) {
            return None;
        }
        let accepted: Vec<_> = self.policies.iter().map(String::as_str).collect();
        Some(format!(
            "it was issued under none of the policies {}",
            accepted.join(", ")
        ))
    }
}

impl Attribute {
    fn missing(&self, signer: &X509Ref) -> Option<String> {
        let mut found = Vec::new();
        for entry in signer.subject_name().entries() {
            let short = entry.object().nid().short_name().unwrap_or_default();
            if short == self.name
                || entry.object().to_string() == self.name
                || self.is(entry.object())
            {
                found.push(entry.data().to_string().unwrap_or_default());
            }
        }
        match &self.value {
            _ if found.is_empty() => Some(format!("its subject has no {}", self.name)),
            Some(value) if !found.contains(value) => Some(format!(
                "its subject has {} `{}`, expected `{value}`",
                self.name,
                found.join("`, `")
            )),
            _ => None,
        }
    }

    /// Whether the dotted identifier is that of a well-known attribute.
    fn is(&self, object: &Asn1ObjectRef) -> bool {
        let own = Asn1Object::from_str(&self.name).map(|own| own.nid());
        own.is_ok_and(|own| own != Nid::UNDEF && own == object.nid())
    }
}

impl ExtensionValue {
    fn missing(&self, signer: &X509Ref) -> Option<String> {
        let place = match self.field {
            Some(field) => format!("extension {} field {field}", self.identifier),
            None => format!("extension {}", self.identifier),
        };
        let der = signer.to_der().ok()?;
        let value = identifier_of(&self.identifier)
            .and_then(|identifier| extensions::find(&der, &identifier).map(<[u8]>::to_vec));
        let Some(value) = value else {
            return Some(format!("it has no {place}"));
        };
        let mut texts = Vec::new();
        collect(Reader::new(&value), None, 0, &mut texts);
        let there = texts.iter().any(|(field, text)| {
            self.field.is_none_or(|wanted| *field == Some(wanted)) && *text == self.value.as_bytes()
        });
        (!there).then(|| format!("{place} is not `{}`", self.value))
    }
}

const DEEPEST: usize = 16;

/// All texts of a value, each with the number of the innermost context tag around it.
fn collect<'a>(
    mut elements: Reader<'a>,
    field: Option<u8>,
    depth: usize,
    found: &mut Vec<(Option<u8>, &'a [u8])>,
) {
    while depth < DEEPEST
        && let Ok(element) = elements.any()
    {
        let is_context = element.tag & 0xc0 == 0x80;
        let field = if is_context {
            Some(element.tag & 0x1f)
        } else {
            field
        };
        if element.tag & 0x20 == 0x20 {
            collect(Reader::new(element.content), field, depth + 1, found);
        } else {
            found.push((field, element.content));
        }
    }
}
