//! Passkeys (R15 ④): registering them, and signing in with one.
//!
//! A passkey names its account by itself (a discoverable credential), so nobody types a name, and an unknown name
//! cannot be told from a known one. Its holder is always verified: by biometrics, or the device's own PIN.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bondhub_core::{
    account::{AccountName, SignedInBy, Viewer},
    audit::Act,
    ports::{
        passkey::{ALGORITHMS, Assertion, PasskeyRefusal, Registration},
        store::{ChallengeRow, PasskeyRow},
    },
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{
    CHALLENGE, secret,
    sessions::{Began, Origin},
    sign_in::SignInRefusal,
};
use crate::{
    desk::{Desk, DeskError, Refusal},
    letters::AccountNews,
};

/// More passkeys than anybody has devices.
const MOST: usize = 20;
/// A longer label is cut.
const LABEL_LENGTH: usize = 60;

/// What a browser is asked: the options of `navigator.credentials`, bytes as base64url.
pub struct PasskeyRequest {
    /// By which the answer is matched.
    pub id: Zeroizing<String>,
    /// The options.
    pub options: Value,
}

/// What a browser answered when a passkey was made.
#[derive(Debug, Clone)]
pub struct RegistrationAnswer {
    /// The request's id.
    pub request: String,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `attestationObject`.
    pub attestation_object: Vec<u8>,
    /// What its holder calls it.
    pub label: String,
}

/// What a browser answered when a passkey was used.
#[derive(Debug, Clone)]
pub struct AssertionAnswer {
    /// The request's id.
    pub request: String,
    /// The credential's id.
    pub credential: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// `signature`.
    pub signature: Vec<u8>,
    /// `userHandle`.
    pub user_handle: Vec<u8>,
}

const REGISTRATION: &str = "registration";
const SIGN_IN: &str = "sign_in";

impl From<PasskeyRefusal> for DeskError {
    fn from(refusal: PasskeyRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl Desk {
    /// Asks a browser to make a passkey.
    pub async fn ask_for_new_passkey(&self, viewer: &Viewer) -> Result<PasskeyRequest, DeskError> {
        let name = &viewer.account;
        let known = self.store.passkeys(name).await?;
        if known.len() >= MOST {
            return Err(Refusal::PasskeyLimit { most: MOST }.into());
        }
        let (id, challenge) = self.challenge(REGISTRATION, Some(name)).await?;
        let site = &self.gatehouse.site;
        let offered = ALGORITHMS.map(|number| json!({"type": "public-key", "alg": number}));
        let exclude: Vec<_> = known
            .iter()
            .map(|one| json!({"type": "public-key", "id": URL_SAFE_NO_PAD.encode(&one.id)}))
            .collect();
        let options = json!({
            "rp": {"id": site.id, "name": "bondhub"},
            "user": {
                "id": URL_SAFE_NO_PAD.encode(self.user_handle(name)),
                "name": name, "displayName": name,
            },
            "challenge": challenge,
            "pubKeyCredParams": offered,
            "excludeCredentials": exclude,
            "authenticatorSelection": {
                "residentKey": "required", "requireResidentKey": true, "userVerification": "required",
            },
            "attestation": "none",
            "timeout": CHALLENGE.num_milliseconds(),
        });
        Ok(PasskeyRequest { id, options })
    }

    /// Takes a passkey that was made.
    pub async fn add_passkey(
        &self,
        viewer: &Viewer,
        answer: RegistrationAnswer,
    ) -> Result<(), DeskError> {
        let name = &viewer.account;
        let challenge = self
            .answered(&answer.request, REGISTRATION, Some(name))
            .await?;
        let registration = Registration {
            client_data: &answer.client_data,
            attestation_object: &answer.attestation_object,
        };
        let gatehouse = &self.gatehouse;
        let made = gatehouse
            .verifier
            .registered(&gatehouse.site, &challenge, &registration)?;
        let passkey = PasskeyRow {
            id: made.id,
            account: name.clone(),
            label: label(&answer.label),
            public_key: made.public_key,
            counter: made.counter.into(),
            added_at: self.clock.now(),
            last_used_at: None,
        };
        let told = self
            .told_of(Act::FactorChanged, name)
            .with("factor", "passkey");
        let with = self.telling(told, name, AccountNews::PasskeyAdded).await?;
        let is_new = self.store.add_passkey(&passkey, &with).await?;
        is_new
            .then_some(())
            .ok_or_else(|| Refusal::PasskeyKnown.into())
    }

    /// An account's passkeys, oldest first.
    pub async fn passkeys(&self, viewer: &Viewer) -> Result<Vec<PasskeyRow>, DeskError> {
        Ok(self.store.passkeys(&viewer.account).await?)
    }

    /// Forgets a passkey; sessions begun with a passkey end.
    pub async fn remove_passkey(&self, viewer: &Viewer, id: &[u8]) -> Result<(), DeskError> {
        let name = &viewer.account;
        let told = self
            .told_of(Act::FactorChanged, name)
            .with("factor", "passkey")
            .with("removed", true);
        let news = AccountNews::PasskeyRemoved;
        let with = self.telling(told, name, news).await?;
        let removed = self.store.remove_passkey(name, id, &with).await?;
        let missing = || DeskError::NotFound("such a passkey".to_owned());
        removed.then_some(()).ok_or_else(missing)
    }

    /// Asks a browser to use a passkey, whoever's. What others left unanswered is thrown away.
    pub async fn ask_for_passkey(&self) -> Result<PasskeyRequest, DeskError> {
        self.store.purge_sign_ins(self.clock.now()).await?;
        let (id, challenge) = self.challenge(SIGN_IN, None).await?;
        let options = json!({
            "rpId": self.gatehouse.site.id,
            "challenge": challenge,
            "allowCredentials": [],
            "userVerification": "required",
            "timeout": CHALLENGE.num_milliseconds(),
        });
        Ok(PasskeyRequest { id, options })
    }

    /// Signs somebody in with a passkey.
    pub async fn sign_in_with_passkey(
        &self,
        answer: &AssertionAnswer,
        address: Option<&str>,
        agent: Option<&str>,
        replaces: Option<&str>,
    ) -> Result<Began, SignInRefusal> {
        let (now, from) = (self.clock.now(), address.unwrap_or_default());
        let counted = self.attempted("", from, now)?;
        let last = counted.last;
        let Some(passkey) = counted.ended(self.used_passkey(answer).await)? else {
            self.failed("", from, last).await?;
            return Err(SignInRefusal::Wrong);
        };
        let account = self.account(&passkey.account).await?.account;
        let origin = Origin {
            address,
            agent,
            replaces,
        };
        Ok(self
            .begin_session(&account, SignedInBy::Passkey, origin)
            .await?)
    }

    /// The passkey that was used, all of it verified; none if anything is wrong.
    async fn used_passkey(
        &self,
        answer: &AssertionAnswer,
    ) -> Result<Option<PasskeyRow>, DeskError> {
        let challenge = self.answered(&answer.request, SIGN_IN, None).await?;
        let Some(passkey) = self.store.passkey(&answer.credential).await? else {
            return Ok(None);
        };
        if answer.user_handle != self.user_handle(&passkey.account) {
            return Ok(None);
        }
        let account = self.store.account(&passkey.account).await?;
        if account.is_none_or(|row| row.account.disabled_at.is_some()) {
            return Ok(None);
        }
        let assertion = Assertion {
            client_data: &answer.client_data,
            authenticator_data: &answer.authenticator_data,
            signature: &answer.signature,
        };
        let gatehouse = &self.gatehouse;
        let used =
            gatehouse
                .verifier
                .used(&gatehouse.site, &challenge, &passkey.public_key, &assertion);
        let counter = match used {
            Ok(counter) => i64::from(counter),
            Err(refusal) => {
                tracing::info!("a passkey was refused: {refusal}");
                return Ok(None);
            }
        };
        let now = self.clock.now();
        if self.store.use_passkey(&passkey.id, counter, now).await? {
            return Ok(Some(passkey));
        }
        tracing::warn!(account = %passkey.account, "a passkey's counter went back: it may have been copied");
        Ok(None)
    }

    async fn challenge(
        &self,
        purpose: &str,
        account: Option<&AccountName>,
    ) -> Result<(Zeroizing<String>, String), DeskError> {
        let id = secret::draw_id(self.randomness.as_ref())?;
        let challenge = secret::draw_id(self.randomness.as_ref())?.to_string();
        let row = ChallengeRow {
            id: secret::id_digest(&id),
            account: account.cloned(),
            content: json!({"for": purpose, "challenge": challenge}).to_string(),
            expires_at: self.clock.now() + CHALLENGE,
        };
        self.store.add_challenge(&row).await?;
        Ok((id, challenge))
    }

    /// The challenge that was answered: taken away, whatever comes of it.
    async fn answered(
        &self,
        request: &str,
        purpose: &str,
        account: Option<&AccountName>,
    ) -> Result<Vec<u8>, DeskError> {
        let row = self
            .store
            .take_challenge(&secret::id_digest(request))
            .await?;
        let now = self.clock.now();
        let row = row.filter(|row| row.expires_at > now && row.account.as_ref() == account);
        let challenge = row.and_then(|row| {
            let content: Value = serde_json::from_str(&row.content).ok()?;
            let text = content.get("challenge")?.as_str()?.to_owned();
            let fits = content.get("for")?.as_str()? == purpose;
            fits.then(|| URL_SAFE_NO_PAD.decode(text).ok()).flatten()
        });
        challenge.ok_or_else(|| Refusal::TookTooLong.into())
    }

    /// The name authenticators know an account by: tells nothing of the person.
    fn user_handle(&self, name: &AccountName) -> Vec<u8> {
        self.pepper.account_handle(name.as_str())
    }
}

fn label(text: &str) -> String {
    let plain = text.trim().chars().filter(|c| !c.is_control());
    let label: String = plain.take(LABEL_LENGTH).collect();
    if label.is_empty() {
        "passkey".to_owned()
    } else {
        label
    }
}
