//! Reading an issuer's key file: PKCS#12, or PEM with certificate and private key.

use bondhub_core::ports::signing::{ImportedKey, SignError};
use openssl::{
    error::ErrorStack,
    pkcs12::{ParsedPkcs12_2, Pkcs12},
    pkey::{PKey, Private},
    provider::Provider,
    x509::{X509, X509Ref},
};
use zeroize::Zeroizing;

use crate::{
    certificate::{self, KeyUsageRule, unreadable},
    signed_data::writing::can_sign,
};

/// The longest file read, in bytes: a key and a chain of certificates fit easily.
const LONGEST: usize = 256 * 1024;

/// Reads and normalises a key; refuses certificates that may not sign documents.
pub(crate) fn read(
    file: &[u8],
    password: Option<&str>,
    rule: KeyUsageRule,
) -> Result<ImportedKey, SignError> {
    if file.len() > LONGEST {
        let message = format!(
            "the file has {} bytes, at most {LONGEST} are read",
            file.len()
        );
        return Err(SignError::Unreadable(message));
    }
    if password.is_some_and(|password| password.contains('\0')) {
        return Err(SignError::Unreadable(
            "a password has no NUL character".to_owned(),
        ));
    }
    let is_pem = file.windows(10).any(|window| window == b"-----BEGIN");
    let (certificate, private_key) = if is_pem {
        read_pem(file, password)?
    } else {
        read_pkcs12(file, password)?
    };
    check_pair(&certificate, &private_key)?;
    certificate::check_suitable(&certificate, rule)
        .map_err(|error| SignError::Unsuitable(error.to_string()))?;
    if !can_sign(&private_key) {
        return Err(SignError::Unsuitable(
            "its kind of key cannot sign here".to_owned(),
        ));
    }
    let private_key = private_key
        .private_key_to_pkcs8()
        .map_err(|error| SignError::Failed(certificate::reason(&error)))?;
    Ok(ImportedKey {
        certificate: certificate::details(&certificate)?,
        private_key: Zeroizing::new(private_key),
    })
}

/// Whether the private key belongs to the certificate.
pub(crate) fn check_pair(certificate: &X509Ref, key: &PKey<Private>) -> Result<(), SignError> {
    let same = certificate
        .public_key()
        .is_ok_and(|public| public.public_eq(key));
    if same {
        return Ok(());
    }
    let message = "the private key does not belong to the certificate";
    Err(SignError::Unsuitable(message.to_owned()))
}

fn read_pkcs12(file: &[u8], password: Option<&str>) -> Result<(X509, PKey<Private>), SignError> {
    let file =
        Pkcs12::from_der(file).map_err(|error| unreadable("neither PKCS#12 nor PEM", &error))?;
    let parsed = open_pkcs12(&file, password.unwrap_or_default())?;
    let certificate = parsed
        .cert
        .ok_or_else(|| SignError::Unreadable("the file holds no certificate".to_owned()))?;
    let key = parsed
        .pkey
        .ok_or_else(|| SignError::Unreadable("the file holds no private key".to_owned()))?;
    Ok((certificate, key))
}

/// Opens the file; one that was encrypted the old way (RC2, as exported by older software) is opened
/// with OpenSSL's legacy algorithms, which are loaded for this one call only.
fn open_pkcs12(file: &Pkcs12, password: &str) -> Result<ParsedPkcs12_2, SignError> {
    match file.parse2(password) {
        Ok(parsed) => Ok(parsed),
        Err(error) if is_wrong_password(&error) => Err(wrong_password()),
        Err(_) => open_legacy(file, password),
    }
}

fn open_legacy(file: &Pkcs12, password: &str) -> Result<ParsedPkcs12_2, SignError> {
    let _legacy = Provider::try_load(None, "legacy", true).map_err(|_| {
        let message = "the file is encrypted with an outdated algorithm that this machine's OpenSSL \
                       does not offer; export it again with AES";
        SignError::Unreadable(message.to_owned())
    })?;
    file.parse2(password).map_err(|error| {
        if is_wrong_password(&error) {
            wrong_password()
        } else {
            unreadable("the PKCS#12 file cannot be opened", &error)
        }
    })
}

fn is_wrong_password(error: &ErrorStack) -> bool {
    error.errors().iter().any(|error| {
        error
            .reason()
            .is_some_and(|reason| reason.contains("mac verify failure"))
    })
}

fn wrong_password() -> SignError {
    SignError::Unreadable("the password is wrong".to_owned())
}

fn read_pem(file: &[u8], password: Option<&str>) -> Result<(X509, PKey<Private>), SignError> {
    let encrypted = file.windows(9).any(|window| window == b"ENCRYPTED");
    if encrypted && password.is_none() {
        let message = "the private key is encrypted; its password is needed";
        return Err(SignError::Unreadable(message.to_owned()));
    }
    // A password is always given, so that the library never asks for one at the terminal.
    let password = password.unwrap_or_default().as_bytes();
    let key = PKey::private_key_from_pem_passphrase(file, password).map_err(|error| {
        if encrypted {
            wrong_password()
        } else {
            unreadable("no private key in the file", &error)
        }
    })?;
    let certificates = X509::stack_from_pem(file)
        .map_err(|error| unreadable("no certificate in the file", &error))?;
    let certificate = certificates
        .into_iter()
        .find(|certificate| check_pair(certificate, &key).is_ok())
        .ok_or_else(|| {
            let message = "the file holds no certificate that belongs to its private key";
            SignError::Unreadable(message.to_owned())
        })?;
    Ok((certificate, key))
}
