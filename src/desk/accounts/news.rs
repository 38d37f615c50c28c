//! Whoever answers for an account is told when what it signs in with changes (NIST SP 800-63B §4.6).
//!
//! The mail goes to the addresses on file of the account's party, encrypted where it has a certificate (R51), in the transaction of the
//! change: whoever has a session, a password or an administrator's rights cannot change a factor in silence. Accounts of those who run
//! the hub have no address; their changes stand in the audit log.

use bondhub_core::{
    account::{Account, AccountName},
    audit::AuditEntry,
    calendar::Timestamp,
    party::{OpenPgpCertificate, Party},
    ports::store::{Book, Commit, OutboxRow},
};

use crate::{
    desk::{Desk, DeskError},
    hub::prepare::{About, PersonalMail, PrepareError},
    letters::{AccountNews, Personal},
};

/// Of one account it is told at most so often, in hours, that somebody guesses.
const LOCKED_OUT_EVERY: i64 = 3600;

/// A change that is told in the audit log alone.
pub(super) fn quietly(told: AuditEntry) -> Commit {
    Commit {
        now: told.at,
        audit: vec![told],
        ..Commit::default()
    }
}

impl Desk {
    /// A change of an account that is told in the audit log and by mail.
    pub(super) async fn telling(
        &self,
        told: AuditEntry,
        name: &AccountName,
        news: AccountNews,
    ) -> Result<Commit, DeskError> {
        let account = self.account(name).await?.account;
        let outbox = self.news_mail(&account, news, told.at).await?;
        Ok(Commit {
            outbox: outbox.into_iter().collect(),
            ..quietly(told)
        })
    }

    /// None for an account of nobody's party, or of one without an address.
    async fn news_mail(
        &self,
        account: &Account,
        news: AccountNews,
        at: Timestamp,
    ) -> Result<Option<OutboxRow>, DeskError> {
        let Some(code) = &account.party else {
            return Ok(None);
        };
        let book = self.store.book().await?;
        let party = book.parties.iter().find(|party| party.code == *code);
        let Some(party) = party.filter(|party| !party.mail.is_empty()) else {
            return Ok(None);
        };
        let letter = Personal::Account {
            account: account.name.as_str(),
            news,
            at,
        };
        let text = self
            .bench
            .workshop
            .letters
            .personal(letter, party, self.zone())?;
        let word = news.as_str();
        let mail = PersonalMail {
            name: "account_changed",
            about: About::Accounts,
            cause: format!("{}:{word}:{}", account.name, at.timestamp_micros()),
            reader: party,
            text: &text,
            now: at,
        };
        Ok(Some(self.encrypted_if_possible(&book, party, &mail)?))
    }

    /// Encrypted to the certificate in use; in the open without one, since no such letter holds a secret.
    pub(in crate::desk) fn encrypted_if_possible(
        &self,
        book: &Book,
        party: &Party,
        mail: &PersonalMail<'_>,
    ) -> Result<OutboxRow, PrepareError> {
        let workshop = &self.bench.workshop;
        let Some(certificate) = in_use(book, party, mail.now) else {
            return workshop.personal_in_the_open(mail);
        };
        match workshop.personal(mail, certificate) {
            Err(error) if error.unusable().is_some() => workshop.personal_in_the_open(mail),
            made => made,
        }
    }

    /// Tells once in an hour that signing in to an account is refused for a while.
    pub(super) async fn tell_locked_out(&self, name: &str) -> Result<(), DeskError> {
        let Ok(name) = AccountName::parse(name) else {
            return Ok(());
        };
        let Some(row) = self.store.account(&name).await? else {
            return Ok(());
        };
        let now = self.clock.now();
        let news = AccountNews::LockedOut;
        let with = Commit {
            now,
            outbox: Vec::from_iter(self.news_mail(&row.account, news, now).await?),
            ..Commit::default()
        };
        let hour = now.timestamp() / LOCKED_OUT_EVERY;
        let subject = format!("locked_out:{name}");
        self.store.warn_once(&subject, hour, &with).await?;
        Ok(())
    }
}

/// The newest certificate of a party that can be encrypted to.
pub(in crate::desk) fn in_use<'a>(
    book: &'a Book,
    party: &Party,
    now: Timestamp,
) -> Option<&'a OpenPgpCertificate> {
    let own = book.certificates.iter().filter(|one| {
        one.party == party.code
            && one.revoked_at.is_none()
            && one.usable_until.is_none_or(|until| now < until)
    });
    own.max_by_key(|one| one.added_at)
}
