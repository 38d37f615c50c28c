//! The rules of trust, from settings and files.

use std::path::PathBuf;

use bondhub_core::calendar::Timestamp;
use bondhub_signing::{
    Attribute, ExtensionValue, KeyUsageRule, Profile, RevocationRule, Signatures, TrustRules,
};

use super::read;
use crate::settings::{ExtensionSettings, ProfileSettings, TrustSettings};

/// Signatures that are verified by the rules of the settings.
pub(super) fn signatures(settings: &TrustSettings) -> anyhow::Result<Signatures> {
    let rules = TrustRules {
        roots: bundle(&settings.roots_files)?,
        intermediates: bundle(&settings.intermediates_files)?,
        crl_directory: settings.crl_directory.clone(),
        crl_grace: settings.crl_grace,
        revocation: if settings.revocation_required {
            RevocationRule::Require
        } else {
            RevocationRule::Report
        },
        key_usage: KeyUsageRule {
            required_from: settings.key_usage_from.unwrap_or(Timestamp::MAX_UTC),
        },
        profiles: settings.profiles.iter().map(profile).collect(),
    };
    Ok(Signatures::trusting(&rules)?)
}

fn bundle(files: &[PathBuf]) -> anyhow::Result<Vec<u8>> {
    let mut all = Vec::new();
    for file in files {
        all.extend(read(file)?);
        all.push(b'\n');
    }
    Ok(all)
}

fn profile(settings: &ProfileSettings) -> Profile {
    let attribute = |(name, value): (&String, &String)| Attribute {
        name: name.clone(),
        value: (!value.is_empty()).then(|| value.clone()),
    };
    let extension = |one: &ExtensionSettings| ExtensionValue {
        identifier: one.oid.clone(),
        field: one.field,
        value: one.value.clone(),
    };
    Profile {
        name: settings.name.clone(),
        parties: settings.issuers.iter().cloned().collect(),
        authorities: settings.authorities.iter().cloned().collect(),
        policies: settings.policies.iter().cloned().collect(),
        subject: settings.subject.iter().map(attribute).collect(),
        extensions: settings.extension.iter().map(extension).collect(),
    }
}
