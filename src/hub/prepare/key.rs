//! Making a key: secret, signed statement, file, letter, encrypted mail, digest (R10–R13, R50).

use bondhub_core::{
    calendar::{Timestamp, start_of},
    identifier::ProcurementId,
    key::{Audience, KeyFile, KeySecret, KeyedBond, Kid, Statement, Token},
    ports::{
        mail::Attachment,
        signing::EntrustedKey,
        store::{KeyName, KeyRow, OutboxRow, RequestState, SigningRequest},
    },
    reconcile::{Delivery, Signing},
};
use zeroize::Zeroizing;

use super::{HandedKey, PrepareError, Workshop, circumstances, envelope::Envelope};
use crate::{
    hub::{
        decide::{Job, KeyOrder},
        directory::Directory,
    },
    letters::KeyLetter,
    vault::SealError,
};

/// A key that was made: what is kept of it, and the way it takes to its holder.
pub(super) struct MadeKey {
    pub(super) row: KeyRow,
    pub(super) mail: Option<OutboxRow>,
    pub(super) handed: Option<HandedKey>,
}

impl Workshop {
    /// Makes a key, and the mail that carries it or the file that is handed out. When this returns, the
    /// secret exists only there.
    pub(super) fn key(
        &self,
        job: &Job,
        order: &KeyOrder,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<MadeKey, PrepareError> {
        let (row, file) = match order.signing {
            Signing::Entrusted => self.make(order, directory, now)?,
            Signing::AtDesk => self.make_signed(order, now)?,
        };
        let name = attachment_name(order.bond.number.as_str());
        match order.delivery {
            Delivery::Mail => {
                let mail = self.key_mail(job, order, directory, (&name, &file), now)?;
                Ok(MadeKey {
                    row,
                    mail: Some(mail),
                    handed: None,
                })
            }
            Delivery::Hand => Ok(MadeKey {
                row,
                mail: None,
                handed: Some(handed(order, name, file)),
            }),
        }
    }

    fn key_mail(
        &self,
        job: &Job,
        order: &KeyOrder,
        directory: &Directory,
        (name, file): (&str, &[u8]),
        now: Timestamp,
    ) -> Result<OutboxRow, PrepareError> {
        let missing = |what| PrepareError::Missing(order.holder.clone(), what);
        let reader = directory
            .parties
            .get(&order.holder)
            .ok_or_else(|| missing("entry"))?;
        let certificate = directory
            .certificate(&order.holder, now)
            .ok_or_else(|| missing("certificate"))?;
        let text = self.letters.key(&KeyLetter {
            bond: &order.bond,
            terms: &order.terms,
            version: order.version,
            reader,
            role: order.role,
            reason: order.reason,
            attachment: name,
            circumstances: circumstances(job, directory, now),
        })?;
        let envelope = Envelope {
            job,
            reader,
            text: &text,
            attachment: Some(Attachment {
                name,
                content: file,
            }),
            now,
        };
        let mut mail = self.seal(&envelope, certificate)?;
        "key".clone_into(&mut mail.name);
        mail.carries = Some(KeyName {
            bond: order.bond.clone(),
            role: order.role,
            edition: order.edition,
        });
        Ok(mail)
    }

    /// Draws a key and signs it with the key that its issuer entrusted.
    fn make(
        &self,
        order: &KeyOrder,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<(KeyRow, Zeroizing<Vec<u8>>), PrepareError> {
        let token = Token::draw(self.randomness.as_ref())?;
        let statement = statement(&token, order, directory, now);
        let cms = self.sign(order, directory, &statement.to_bytes(), now)?;
        let file = KeyFile::assemble(&order.bond.number, order.version, &token, &cms);
        let digest = self.pepper.digest(token.kid(), token.secret());
        let row = key_row(order, token.kid().as_str(), digest, cms, now);
        Ok((row, file))
    }

    /// Puts a key together whose secret and signature lie in the signing queue.
    fn make_signed(
        &self,
        order: &KeyOrder,
        now: Timestamp,
    ) -> Result<(KeyRow, Zeroizing<Vec<u8>>), PrepareError> {
        let missing = |what| PrepareError::Missing(order.bond.issuer.clone(), what);
        let request = order.request.as_ref();
        let request = request.ok_or_else(|| missing("key in the signing queue"))?;
        let cms = request.signature.clone();
        let cms = cms.ok_or_else(|| missing("signature in the signing queue"))?;
        let secret = self
            .master
            .unseal(&request_place(&request.kid), &request.sealed)?;
        let token = token_of(&request.kid, &secret)
            .ok_or_else(|| SealError::Damaged(request_place(&request.kid)))?;
        let file = KeyFile::assemble(&order.bond.number, request.version, &token, &cms);
        let row = key_row(order, &request.kid, request.digest.clone(), cms, now);
        Ok((row, file))
    }

    /// Draws a key that its issuer must sign: its secret is sealed, its statement waits (R12).
    pub(super) fn ask(
        &self,
        procurement: &ProcurementId,
        order: &KeyOrder,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<SigningRequest, PrepareError> {
        let token = Token::draw(self.randomness.as_ref())?;
        let kid = token.kid().as_str();
        let secret = token.secret().expose();
        let place = request_place(kid);
        Ok(SigningRequest {
            kid: kid.to_owned(),
            procurement: procurement.clone(),
            bond: order.bond.clone(),
            version: order.version,
            edition: order.edition,
            role: order.role,
            holder: order.holder.clone(),
            digest: self.pepper.digest(token.kid(), token.secret()),
            statement: statement(&token, order, directory, now).to_bytes(),
            sealed: self.master.seal(&place, secret, self.randomness.as_ref())?,
            signature: None,
            state: RequestState::Waiting,
            requested_at: now,
        })
    }

    fn sign(
        &self,
        order: &KeyOrder,
        directory: &Directory,
        content: &[u8],
        now: Timestamp,
    ) -> Result<Vec<u8>, PrepareError> {
        let issuer = &order.bond.issuer;
        let entrusted = directory.entrusted.get(issuer);
        let entrusted = entrusted
            .ok_or_else(|| PrepareError::Missing(issuer.clone(), "entrusted signing key"))?;
        let key = EntrustedKey {
            fingerprint: &entrusted.fingerprint,
            certificate: &entrusted.certificate,
            private_key: &entrusted.private_key,
        };
        self.signer
            .sign(&key, content, now)
            .map_err(|source| PrepareError::Sign {
                issuer: issuer.clone(),
                fingerprint: entrusted.fingerprint.clone(),
                source,
            })
    }
}

/// The place a key's secret is sealed for while the key waits for its issuer's signature.
pub fn request_place(kid: &str) -> String {
    format!("signing_request:{kid}")
}

fn token_of(kid: &str, secret: &[u8]) -> Option<Token> {
    let mut bytes = Zeroizing::new(<[u8; 32]>::try_from(secret).ok()?);
    let kid = Kid::parse(kid).ok()?;
    Some(Token::new(kid, KeySecret::take(&mut bytes)))
}

fn key_row(
    order: &KeyOrder,
    kid: &str,
    digest: Vec<u8>,
    statement: Vec<u8>,
    now: Timestamp,
) -> KeyRow {
    KeyRow {
        kid: kid.to_owned(),
        bond: order.bond.clone(),
        version: order.version,
        edition: order.edition,
        holder: order.holder.clone(),
        role: order.role,
        digest,
        statement,
        issued_at: now,
    }
}

fn handed(order: &KeyOrder, name: String, file: Zeroizing<Vec<u8>>) -> HandedKey {
    HandedKey {
        bond: order.bond.clone(),
        version: order.version,
        role: order.role,
        holder: order.holder.clone(),
        name,
        file,
    }
}

fn statement(token: &Token, order: &KeyOrder, directory: &Directory, now: Timestamp) -> Statement {
    let last = order.terms.period.to();
    let end = last.succ_opt().unwrap_or(last);
    let bond = KeyedBond {
        id: &order.bond,
        revision: order.version,
        issued_at: now,
        expires_at: start_of(end, directory.rules.policy.zone),
    };
    let audience = Audience {
        role: order.role,
        party: order.holder.clone(),
    };
    Statement::about(token, audience, bond)
}

/// The bond's number as a file name: ASCII letters, digits, dot, dash and underscore; what else it
/// has becomes a dash.
fn attachment_name(number: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let name: String = number
        .chars()
        .take(64)
        .map(|letter| if safe(letter) { letter } else { '-' })
        .collect();
    format!("{}.bondkey", name.trim_start_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::attachment_name;

    #[test]
    fn a_bond_number_becomes_a_harmless_file_name() {
        assert_eq!(attachment_name("B-2026-0042"), "B-2026-0042.bondkey");
        assert_eq!(
            attachment_name("../../etc/passwd"),
            "-..-etc-passwd.bondkey"
        );
        assert_eq!(attachment_name("第7号"), "-7-.bondkey");
    }
}
