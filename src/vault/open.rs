//! Looking at a bond with its key (R20–R22).
//!
//! An unknown key, a wrong secret and somebody else's dead key cannot be told apart, by the answer or by the work
//! behind it: each is one question to the store and one digest, compared in constant time. Only whoever has the
//! secret learns more.

use std::net::IpAddr;

use async_trait::async_trait;
use bondhub_core::{
    account::{Permission, Viewer},
    authentication::{Demand, Evidence, TooWeak},
    bond::Rule,
    calendar::Timestamp,
    identifier::{BondId, PartyCode, ProcurementId},
    key::{KeyFile, KeyFileError, Statement, Token, TokenError},
    party::Role,
    ports::{
        Randomness, RandomnessError,
        signing::VerifyDocument,
        store::{
            BondView, KeyRow, KeyState, KeyView, LookRow, Looks, ShownAs, Sighting, StoreError,
        },
    },
    view::{self, Claim, Grant, Ground, Onlooker, View, Viewed},
};
use uuid::Uuid;

use super::{Limits, Lookbook, Pepper};
use crate::hub::{directory::Directory, system::random_id};

/// What somebody shows at the vault's door.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    /// The key.
    pub key: PresentedKey<'a>,
    /// A one-time password of an account of the key's holder.
    pub one_time_password: Option<&'a str>,
    /// A one-time password was right, and used up, when the key was shown before on this visit.
    pub one_time_met: bool,
    /// Who is signed in.
    pub viewer: Option<&'a Viewer>,
    /// Where the request comes from.
    pub from: Option<IpAddr>,
}

/// A key as it is shown.
#[derive(Clone, Copy)]
pub enum PresentedKey<'a> {
    /// The signed key file.
    File(&'a [u8]),
    /// The token, typed or scanned.
    Token(&'a str),
}

impl<'a> Presented<'a> {
    /// A key file, and nothing else.
    pub fn file(file: &'a [u8]) -> Self {
        Self {
            key: PresentedKey::File(file),
            one_time_password: None,
            one_time_met: false,
            viewer: None,
            from: None,
        }
    }

    /// A token, and nothing else.
    pub fn token(token: &'a str) -> Self {
        Self {
            key: PresentedKey::Token(token),
            ..Self::file(&[])
        }
    }
}

/// What a look shows, and to whom. It is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The id of its record.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Which bond.
    pub bond: BondId,
    /// The key's public name.
    pub kid: String,
    /// The key's holder.
    pub holder: PartyCode,
    /// The holder's role.
    pub role: Role,
    /// What it may see now.
    pub shown: Shown,
    /// The grant it was shown under, before the opening.
    pub grant: Option<Grant>,
    /// Whether a one-time password was asked for, right, and used up.
    pub one_time_used: bool,
}

/// What may be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Before the opening: that there is a bond for this case and contractor, and nothing else.
    Existence {
        /// The case.
        procurement: ProcurementId,
        /// The contractor.
        principal: PartyCode,
        /// From when on it can be seen in full; none while no opening time is known.
        opening_at: Option<Timestamp>,
    },
    /// Everything of the version that is in force.
    Content(Box<Content>),
}

/// The content of a bond, as its key shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The bond as it is now. Of its versions there is only the current one (R4), of its keys those of the
    /// holder, or all for the issuer and the contractor; none has its digest.
    pub view: BondView,
    /// How it came to what it is: version, rule and business time, oldest first.
    pub history: Vec<(u32, Rule, Timestamp)>,
    /// Why it may be seen.
    pub ground: Ground,
    /// Whether the contractor's outstanding liability may be shown too (R22).
    pub liability: bool,
}

impl std::ops::Deref for Content {
    type Target = BondView;
    fn deref(&self) -> &BondView {
        &self.view
    }
}

/// Why a key opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum OpenRefusal {
    /// The file is damaged, or its parts do not belong together.
    #[error("the key file cannot be used: {0}")]
    File(#[from] KeyFileError),
    /// What was typed is no key.
    #[error("{0}")]
    Token(#[from] TokenError),
    /// There is no such key, or its secret is another one: the two are not told apart.
    #[error("this key opens nothing")]
    Unknown,
    /// The signed block of the file is not the one this key was issued with.
    #[error(
        "the signed block of this key file is not the one this key was issued with; use the file as it came"
    )]
    OtherStatement,
    /// The key was good once; told only to whoever has its secret (R11).
    #[error("this key was revoked at {at}: {reason}")]
    Revoked {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// The bond asks for more than the key (R15).
    #[error(transparent)]
    TooWeak(#[from] TooWeak),
    /// Too many looks.
    #[error("too many looks; try again in {seconds} s")]
    Later {
        /// After so many seconds.
        seconds: i64,
    },
    /// The machine gave no random bytes for the look's id.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Uses one-time passwords up (R15 ②).
#[async_trait]
pub trait TakeOneTime: Send + Sync {
    /// Whether a one-time password is right for some account of a party; it is used up.
    async fn takes(&self, party: &PartyCode, typed: &str) -> Result<bool, OpenRefusal>;
}

/// The door of the vault: what a look is judged with.
pub struct Door<'a> {
    /// Keys, bonds and looks.
    pub looks: &'a dyn Looks,
    /// Where looks are recorded.
    pub book: &'a Lookbook,
    /// Digests of keys.
    pub pepper: &'a Pepper,
    /// How often somebody may look.
    pub limits: &'a Limits,
    /// Reads what a signed block says.
    pub verifier: &'a dyn VerifyDocument,
    /// What the parties ask for.
    pub directory: &'a Directory,
    /// What the installation asks for.
    pub demand: Demand,
    /// The one-time passwords of the parties' accounts.
    pub one_time: &'a dyn TakeOneTime,
    /// For the look's id.
    pub randomness: &'a dyn Randomness,
    /// The hub's time.
    pub now: Timestamp,
}

/// A key as it was read.
enum Read {
    Token(Token),
    File(Box<KeyFile>),
}

impl Read {
    fn token(&self) -> &Token {
        match self {
            Self::Token(token) => token,
            Self::File(file) => &file.token,
        }
    }
}

impl Door<'_> {
    /// Looks at a bond. Recorded before it is answered.
    pub async fn look(&self, presented: &Presented<'_>) -> Result<Look, OpenRefusal> {
        let account = presented.viewer.map(|viewer| viewer.account.as_str());
        self.limits.admit(presented.from, account, self.now)?;
        let looked = self.look_inside(presented).await;
        let guessed = matches!(
            looked,
            Err(OpenRefusal::Unknown | OpenRefusal::File(_) | OpenRefusal::Token(_))
        );
        if guessed {
            self.limits.refused(presented.from, self.now);
        }
        looked
    }

    async fn look_inside(&self, presented: &Presented<'_>) -> Result<Look, OpenRefusal> {
        let read = read(presented.key)?;
        let kid = self.known(read.token()).await?;
        self.limits.admit_key(&kid, self.now)?;
        let sighting = self
            .looks
            .sighting(&kid)
            .await?
            .ok_or(OpenRefusal::Unknown)?;
        if let Read::File(file) = &read {
            self.belongs_together(file, &sighting.key.key)?;
        }
        self.alive(&sighting, presented).await?;
        let is_file = matches!(read, Read::File(_));
        let one_time_used = self.suffices(&sighting, presented, is_file).await?;
        let (shown, grant) = self.judge(&sighting, presented).await?;
        let look = self.written(&sighting, presented, shown, grant.as_ref())?;
        self.book.record(look.clone()).await?;
        let mut look = answer(sighting, look, shown, grant);
        look.one_time_used = one_time_used;
        Ok(look)
    }

    /// The name of a key whose secret is right. Whatever the key, one question and one digest.
    async fn known(&self, token: &Token) -> Result<String, OpenRefusal> {
        let (kid, secret) = (token.kid(), token.secret());
        let found = self.looks.presented(kid.as_str()).await?;
        let stored = found
            .as_ref()
            .map_or(&[0; 32][..], |found| &found.key.digest);
        let matches = self.pepper.matches(kid, secret, stored);
        let known = found.filter(|_| matches).ok_or(OpenRefusal::Unknown)?;
        Ok(known.key.kid)
    }

    /// The file is this key's: its block is the one that was issued, says what the row says, and its header
    /// lines agree.
    fn belongs_together(&self, file: &KeyFile, key: &KeyRow) -> Result<(), OpenRefusal> {
        if file.cms != key.statement {
            return Err(OpenRefusal::OtherStatement);
        }
        let signed = self.verifier.claimed_content(&file.cms);
        let statement = signed.and_then(|content| Statement::read(&content).ok());
        let statement = statement.ok_or(OpenRefusal::OtherStatement)?;
        file.check(&statement)?;
        let same = statement.kid == *file.token.kid()
            && statement.issuer == key.bond.issuer
            && statement.bond == key.bond.number
            && statement.revision == key.version
            && statement.audience.party == key.holder
            && statement.audience.role == key.role;
        if same {
            Ok(())
        } else {
            Err(OpenRefusal::OtherStatement)
        }
    }

    /// A dead key tells its holder since when and why; the attempt is recorded.
    async fn alive(
        &self,
        sighting: &Sighting,
        presented: &Presented<'_>,
    ) -> Result<(), OpenRefusal> {
        let KeyState::Ended { at, reason } = &sighting.key.state else {
            return Ok(());
        };
        let look = self.row(sighting, presented, ShownAs::Revoked, None)?;
        self.book.record(look).await?;
        Err(OpenRefusal::Revoked {
            at: *at,
            reason: reason.clone(),
        })
    }

    /// What was shown is at least what the bond's owner and issuer accept (R15). Tells whether a one-time password was used up.
    async fn suffices(
        &self,
        sighting: &Sighting,
        presented: &Presented<'_>,
        signed_file: bool,
    ) -> Result<bool, OpenRefusal> {
        use bondhub_core::account::SignedInBy;
        let accepts = |party: &PartyCode| self.directory.parties.get(party)?.accepts;
        let terms = &sighting.bond.bond.terms;
        let required = self.demand.of_bond(
            accepts(&terms.obligee),
            accepts(&sighting.key.key.bond.issuer),
        );
        let holder = &sighting.key.key.holder;
        let own = presented
            .viewer
            .filter(|viewer| viewer.party.as_ref() == Some(holder));
        let by = |way| own.is_some_and(|viewer| viewer.signed_in_by == way);
        let mut evidence = Evidence {
            signed_file,
            one_time_password: by(SignedInBy::Password) || presented.one_time_met,
            passkey: by(SignedInBy::Passkey),
        };
        // A one-time password works once: it is not used up where it makes no difference.
        let mut used = false;
        if let (Some(typed), Err(_)) = (presented.one_time_password, evidence.suffices(required)) {
            used = self.one_time.takes(holder, typed).await?;
            evidence.one_time_password |= used;
        }
        Ok(evidence.suffices(required).map(|_| used)?)
    }

    /// What may be shown; a grant is asked for only where it makes a difference.
    async fn judge(
        &self,
        sighting: &Sighting,
        presented: &Presented<'_>,
    ) -> Result<(View, Option<Grant>), OpenRefusal> {
        let shown = self.view(sighting, None);
        let View::Existence { .. } = shown else {
            return Ok((shown, None));
        };
        let early = |viewer: &&Viewer| viewer.may(Permission::LookEarly);
        let Some(viewer) = presented.viewer.filter(early) else {
            return Ok((shown, None));
        };
        let Some(party) = viewer.party.as_ref() else {
            return Ok((shown, None));
        };
        let account = viewer.account.as_str();
        for grant in self.looks.grants(Some(account)).await? {
            let claim = Claim {
                account: &viewer.account,
                party,
                grant: &grant,
            };
            let granted = self.view(sighting, Some(claim));
            if granted != shown {
                return Ok((granted, Some(grant)));
            }
        }
        Ok((shown, None))
    }

    fn view(&self, sighting: &Sighting, claim: Option<Claim<'_>>) -> View {
        let onlooker = Onlooker {
            role: sighting.key.key.role,
            seen: sighting.seen.as_ref(),
            claim,
        };
        let bond = &sighting.bond.bond;
        let viewed = Viewed {
            bond: &bond.bond,
            terms: &bond.terms,
            version: bond.version,
        };
        let case = sighting.case.as_ref().map(|case| &case.file);
        view::view(&onlooker, viewed, case, self.now)
    }

    fn written(
        &self,
        sighting: &Sighting,
        presented: &Presented<'_>,
        shown: View,
        grant: Option<&Grant>,
    ) -> Result<LookRow, OpenRefusal> {
        let shown = match shown {
            View::Existence { .. } => ShownAs::Existence,
            View::Content { ground, .. } => ShownAs::Content(ground),
        };
        self.row(sighting, presented, shown, grant)
    }

    fn row(
        &self,
        sighting: &Sighting,
        presented: &Presented<'_>,
        shown: ShownAs,
        grant: Option<&Grant>,
    ) -> Result<LookRow, OpenRefusal> {
        let (key, bond) = (&sighting.key.key, &sighting.bond.bond);
        let case = sighting.case.as_ref().map(|case| &case.file);
        Ok(LookRow {
            id: random_id(self.randomness)?,
            at: self.now,
            kid: key.kid.clone(),
            bond: key.bond.clone(),
            version: bond.version,
            holder: key.holder.clone(),
            role: key.role,
            account: presented.viewer.map(|viewer| viewer.account.to_string()),
            address: presented
                .from
                .map(|address| address.to_canonical().to_string()),
            shown,
            round: view::round(&bond.terms, case),
            opening_at: view::opening(&bond.bond, &bond.terms, case),
            grant: grant.map(|grant| grant.id),
        })
    }
}

fn read(key: PresentedKey<'_>) -> Result<Read, OpenRefusal> {
    match key {
        PresentedKey::Token(text) => Ok(Read::Token(Token::parse(text)?)),
        PresentedKey::File(bytes) => Ok(Read::File(Box::new(KeyFile::parse(bytes)?))),
    }
}

fn answer(sighting: Sighting, look: LookRow, shown: View, grant: Option<Grant>) -> Look {
    let Sighting { key, bond, .. } = sighting;
    let shown = match shown {
        View::Existence { opening_at } => Shown::Existence {
            procurement: bond.bond.terms.procurement,
            principal: bond.bond.terms.principal,
            opening_at,
        },
        View::Content { ground, liability } => Shown::Content(Box::new(Content {
            history: history(&bond),
            view: trimmed(bond, key.key.role),
            ground,
            liability,
        })),
    };
    Look {
        id: look.id,
        at: look.at,
        bond: look.bond,
        kid: look.kid,
        holder: look.holder,
        role: look.role,
        shown,
        grant,
        one_time_used: false,
    }
}

fn history(bond: &BondView) -> Vec<(u32, Rule, Timestamp)> {
    let lines = bond.versions.iter();
    lines
        .map(|one| (one.version, one.cause.rule, one.cause.at))
        .collect()
}

/// Earlier versions are for auditors (R4); another holder's keys are not the owner's business; a digest is
/// nobody's.
fn trimmed(bond: BondView, role: Role) -> BondView {
    let current = bond.bond.version;
    let mut versions = bond.versions;
    versions.retain(|one| one.version == current);
    let own = |key: &KeyView| role != Role::Owner || key.key.role == role;
    let mut keys = bond.keys;
    keys.retain(own);
    for key in &mut keys {
        key.key.digest.clear();
        key.key.statement.clear();
    }
    BondView {
        bond: bond.bond,
        versions,
        keys,
    }
}
