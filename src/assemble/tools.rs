//! What the command line does with keys and signatures, without a hub.

use anyhow::bail;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub_core::{
    calendar::Timestamp,
    key::{KeyFile, Statement},
    ports::{
        Clock as _,
        openpgp::CheckSignature,
        signing::{EntrustedKey, Sign as _},
    },
};
use bondhub_openpgp::{HubKey, SignatureChecker};
use bondhub_signing::{
    OfflineTrust, Pin, Signatures, TokenSigner, TokenUri, Trust, verify_offline,
};
use serde_json::{Value, json};

use crate::{hub::system::SystemClock, settings::Settings};

/// A new OpenPGP key for the hub, armored.
pub fn make_hub_key(user_id: &str, now: Timestamp) -> anyhow::Result<Vec<u8>> {
    Ok(HubKey::generate(user_id, now)?.secret_armored()?.to_vec())
}

/// Signs a statement with a PKCS#12 or PEM key: a CMS block, PEM.
pub fn sign_document(
    statement: &[u8],
    key: &[u8],
    password: Option<&str>,
    now: Timestamp,
) -> anyhow::Result<String> {
    let signatures = Signatures::new();
    let imported = signatures.import(key, password)?;
    let key = EntrustedKey {
        fingerprint: &imported.certificate.fingerprint,
        certificate: &imported.certificate.der,
        private_key: &imported.private_key,
    };
    Ok(pem(&signatures.sign(&key, statement, now)?))
}

/// Whether a key is named by a `pkcs11:` URI, not a file.
pub fn is_in_token(key: &str) -> bool {
    TokenUri::is_meant(key)
}

/// Signs a statement with a key that stays in its token: a CMS block, PEM.
pub fn sign_document_in_token(
    statement: &[u8],
    key: &str,
    pin: Option<&str>,
    certificate: Option<&[u8]>,
    now: Timestamp,
) -> anyhow::Result<String> {
    let uri = TokenUri::parse(key)?;
    let signer = TokenSigner::open(&uri, pin.map(Pin::new), certificate)?;
    Ok(pem(&signer.sign(statement, now)?))
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines = text
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect::<Vec<_>>();
    format!(
        "-----BEGIN CMS-----\n{}\n-----END CMS-----\n",
        lines.join("\n")
    )
}

/// Checks a key file offline: its signature, its content, and whether it fits its header.
pub fn verify_key(
    file: &[u8],
    authorities: Option<&[u8]>,
    signer: Option<&[u8]>,
    now: Timestamp,
) -> anyhow::Result<Value> {
    let file = KeyFile::parse(file)?;
    let report = verify_offline(
        &file.cms,
        OfflineTrust {
            authorities,
            signer,
        },
        now,
    )?;
    let statement = Statement::read(&report.content)?;
    file.check(&statement)?;
    if statement.expires_at <= now {
        bail!(
            "the key ended with the bond's period at {}",
            statement.expires_at
        );
    }
    let trust = match report.trust {
        Trust::Unknown => {
            "signature whole, signer not compared with anything; give --certificate or --ca"
        }
        Trust::GivenCertificate => "signed by the given certificate",
        Trust::GivenAuthority => {
            "signer's certificate issued by the given authority; compare the subject"
        }
    };
    Ok(json!({
        "valid": true,
        "bond": format!("{}/{}", statement.issuer, statement.bond),
        "version": statement.revision,
        "holder": statement.audience.to_string(),
        "issued_at": statement.issued_at,
        "expires_at": statement.expires_at,
        "kid": statement.kid.as_str(),
        "signer": report.signer.subject,
        "signer_fingerprint": report.signer.fingerprint,
        "signed_at": report.signed_at,
        "trust": trust,
    }))
}

/// Checks signatures of the audit log's heads.
pub fn signature_checker() -> Box<dyn CheckSignature> {
    Box::new(SignatureChecker)
}

/// The hub's public OpenPGP certificate, armored.
pub fn hub_certificate(settings: &Settings) -> anyhow::Result<String> {
    let bytes = std::fs::read(&settings.openpgp.hub_key_file)?;
    Ok(HubKey::load(&bytes, None, SystemClock.now())?.public_armored()?)
}
