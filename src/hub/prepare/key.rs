//! Making a key: secret, signed statement, file, letter, encrypted mail, digest (R10–R13, R50).

use bondhub_core::{
    calendar::{Timestamp, start_of},
    key::{Audience, KeyFile, KeyedBond, Statement, Token},
    ports::{
        mail::Attachment,
        signing::EntrustedKey,
        store::{KeyName, KeyRow, OutboxRow},
    },
};
use zeroize::Zeroizing;

use super::{PrepareError, Workshop, circumstances, envelope::Envelope};
use crate::{
    hub::{
        decide::{Job, KeyOrder},
        directory::Directory,
    },
    letters::KeyLetter,
};

/// A key file and what is kept of the key.
struct MadeKey {
    file: Zeroizing<Vec<u8>>,
    row: KeyRow,
}

impl Workshop {
    /// Makes a key and the mail that carries it. When this returns, the secret exists only inside the
    /// encrypted mail.
    pub(super) fn key(
        &self,
        job: &Job,
        order: &KeyOrder,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<(KeyRow, OutboxRow), PrepareError> {
        let missing = |what| PrepareError::Missing(order.holder.clone(), what);
        let reader = directory
            .parties
            .get(&order.holder)
            .ok_or_else(|| missing("entry"))?;
        let certificate = directory
            .certificate(&order.holder, now)
            .ok_or_else(|| missing("certificate"))?;
        let made = self.make(order, directory, now)?;
        let name = attachment_name(order.bond.number.as_str());
        let text = self.letters.key(&KeyLetter {
            bond: &order.bond,
            terms: &order.terms,
            version: order.version,
            reader,
            role: order.role,
            reason: order.reason,
            attachment: &name,
            circumstances: circumstances(job, directory, now),
        })?;
        let attachment = Attachment {
            name: &name,
            content: &made.file,
        };
        let envelope = Envelope {
            job,
            reader,
            text: &text,
            attachment: Some(attachment),
            now,
        };
        let mut mail = self.seal(&envelope, certificate)?;
        "key".clone_into(&mut mail.name);
        mail.carries = Some(KeyName {
            bond: order.bond.clone(),
            role: order.role,
            edition: order.edition,
        });
        Ok((made.row, mail))
    }

    fn make(
        &self,
        order: &KeyOrder,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<MadeKey, PrepareError> {
        let token = Token::draw(self.randomness.as_ref())?;
        let statement = statement(&token, order, directory, now);
        let cms = self.sign(order, directory, &statement.to_bytes(), now)?;
        let file = KeyFile::assemble(&order.bond.number, order.version, &token, &cms);
        let row = KeyRow {
            kid: token.kid().as_str().to_owned(),
            bond: order.bond.clone(),
            version: order.version,
            edition: order.edition,
            holder: order.holder.clone(),
            role: order.role,
            digest: self.pepper.digest(token.kid(), token.secret()),
            statement: cms,
            issued_at: now,
        };
        Ok(MadeKey { file, row })
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
