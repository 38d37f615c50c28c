//! What the templates may say: names, amounts and times as text, already cut to what the reader may
//! know.

mod scribe;

use bondhub_core::{
    bond::{BondState, BondTerms, Rule},
    identifier::BondId,
    notice::{Notice, NoticeContent},
    party::{Party, Role},
    reconcile::KeyReason,
};
use serde::Serialize;

use super::{Circumstances, KeyLetter, disclosure, disclosure::Disclosure, wording};
use scribe::Scribe;

/// Everything a template can ask for. What is none must be asked for before it is written.
#[derive(Serialize)]
pub(super) struct Facts {
    reader: Reader,
    case: Case,
    bond: Option<Bond>,
    key: Option<Key>,
    news: Option<News>,
    task: Option<Asked>,
    /// The bond's terms are kept from the reader until the opening (R21).
    embargoed: bool,
    #[serde(skip)]
    subject_tells: bool,
}

#[derive(Serialize)]
struct Reader {
    name: String,
    role: Role,
}

#[derive(Serialize)]
struct Case {
    id: String,
    title: Option<String>,
    lot: Option<String>,
    contract: Option<String>,
    owner: Option<String>,
    contractor: Option<String>,
    opening_at: Option<String>,
}

#[derive(Serialize, Default)]
struct Bond {
    number: String,
    kind: Option<&'static str>,
    bid_stage: bool,
    version: Option<u32>,
    issuer: Option<String>,
    principal: Option<String>,
    obligee: Option<String>,
    amount: Option<String>,
    period: Option<String>,
}

#[derive(Serialize)]
struct Key {
    reason: KeyReason,
    attachment: String,
    file: String,
}

/// What a notice reports.
#[derive(Serialize, Default)]
struct News {
    state: Option<BondState>,
    rule: Option<Rule>,
    version: Option<u32>,
    at: Option<String>,
    last_day: Option<String>,
    days: Option<i64>,
}

/// What a task asks for.
#[derive(Serialize)]
struct Asked {
    amount: Option<String>,
    period: Option<String>,
    last_day: Option<String>,
    opening_at: Option<String>,
    because: Vec<String>,
    /// What is waited for; not by name, which may be another bidder's.
    awaited: Option<&'static str>,
}

impl Facts {
    /// The facts of a letter with a key.
    pub(super) fn of_key(letter: &KeyLetter<'_>, disclosure: Disclosure) -> Self {
        let scribe = Scribe::new(letter.reader, &letter.circumstances, disclosure);
        let case = scribe.case(letter.terms.procurement.as_str(), Some(letter.terms));
        let mut bond = scribe.bond(letter.bond, Some(letter.terms));
        bond.version = Some(letter.version);
        Self {
            reader: scribe.reader(letter.role),
            case,
            bond: Some(bond),
            key: Some(Key {
                reason: letter.reason,
                attachment: wording::one_line(letter.attachment),
                file: wording::shell_word(letter.attachment),
            }),
            news: None,
            task: None,
            embargoed: disclosure == Disclosure::Existence,
            subject_tells: true,
        }
    }

    /// The facts of a notice.
    pub(super) fn of_notice(
        notice: &Notice,
        reader: &Party,
        terms: Option<&BondTerms>,
        circumstances: &Circumstances<'_>,
    ) -> Self {
        let about = notice.content.bond();
        let role = role_of(reader, about, terms, circumstances);
        let disclosure = match about {
            Some(_) => Disclosure::of_notice(terms, role, circumstances),
            None => Disclosure::Full,
        };
        let scribe = Scribe::new(reader, circumstances, disclosure);
        let mut case = scribe.case(
            notice.procurement.as_str(),
            terms.filter(|_| about.is_some()),
        );
        scribe.place(&notice.content, &mut case);
        Self {
            reader: scribe.reader(role),
            case,
            bond: about.map(|bond| told_bond(&scribe, bond, terms, &notice.content)),
            key: None,
            news: scribe.news(&notice.content),
            task: scribe.task(&notice.content),
            embargoed: disclosure == Disclosure::Existence,
            subject_tells: match about {
                Some(_) => disclosure == Disclosure::Full,
                None => disclosure::may_name_case(&notice.content, circumstances),
            },
        }
    }

    /// Whether the real subject may stand on the outside of a notice that goes in plain.
    pub(super) fn tells_in_subject(&self) -> bool {
        self.subject_tells
    }
}

fn told_bond(
    scribe: &Scribe<'_>,
    id: &BondId,
    terms: Option<&BondTerms>,
    content: &NoticeContent,
) -> Bond {
    let mut bond = scribe.bond(id, terms);
    if let NoticeContent::Updated { amount, period, .. } = content {
        scribe.told(&mut bond, amount, *period);
    }
    bond
}

/// What the reader is to the bond or case. The owner comes first: it is who may know least.
fn role_of(
    reader: &Party,
    bond: Option<&BondId>,
    terms: Option<&BondTerms>,
    case: &Circumstances<'_>,
) -> Role {
    let code = &reader.code;
    let is_owner = terms.is_some_and(|terms| terms.obligee == *code) || case.owner == Some(code);
    if is_owner {
        return Role::Owner;
    }
    if bond.is_some_and(|bond| bond.issuer == *code) {
        return Role::Issuer;
    }
    if terms.is_some_and(|terms| terms.principal == *code) || case.contractor == Some(code) {
        return Role::Contractor;
    }
    [Role::Owner, Role::Issuer]
        .into_iter()
        .find(|role| reader.roles.contains(role))
        .unwrap_or(Role::Contractor)
}
