//! Who and what there is, and every event about it.
//!
//! Everything follows from two numbers, the bond's and the change's, so that what ought to be at the
//! end is known without asking the hub.

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub::assemble::DemoIssuer;
use bondhub_core::{
    calendar::Timestamp,
    document::Statement,
    event::{TYPE_PREFIX, hex_digest},
    identifier::PartyCode,
    party::{Language, MailAddress, Name, Party, Role},
    ports::queue::Outgoing,
};
use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};

/// Issuers; each has entrusted its signing key.
pub(crate) const ISSUERS: u32 = 10;
const OWNER: &str = "O0001";
const PRICE: u64 = 100_000_000;
/// What each change adds to the price: the guaranteed tenth grows by a thousand yen.
const STEP: u64 = 10_000;

/// The scene.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    /// How many bonds there are.
    pub(crate) bonds: u32,
    /// How many contractors.
    pub(crate) recipients: u32,
    /// When it begins, by the business's time: long enough ago that no event is of the future.
    pub(crate) begin: Timestamp,
}

fn at(time: Timestamp) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn yen(amount: u64) -> Value {
    json!({"amount": amount, "currency": "JPY"})
}

/// The code of an issuer.
pub(crate) fn issuer(number: u32) -> String {
    format!("S{number:04}")
}

/// The code of a contractor.
pub(crate) fn contractor(number: u32) -> String {
    format!("C{number:04}")
}

/// The mail address of a contractor.
pub(crate) fn address(number: u32) -> String {
    format!("bonds@c{number:04}.example")
}

/// The contractor whose address this is.
pub(crate) fn contractor_at(address: &str) -> Option<u32> {
    let rest = address.strip_prefix("bonds@c")?;
    rest.strip_suffix(".example")?.parse().ok()
}

/// The number of a bond.
pub(crate) fn bond(number: u32) -> String {
    format!("P-2026-{number:05}")
}

/// Which bond has this number.
pub(crate) fn bond_of(text: &str) -> Option<u32> {
    text.strip_prefix("P-2026-")?.parse().ok()
}

fn procurement(number: u32) -> String {
    format!("ocds-jp0001-R8-{number:05}")
}

fn contract(number: u32) -> String {
    format!("K-2026-{number:05}")
}

fn party(
    code: &str,
    role: Role,
    names: (&str, &str),
    mail: Vec<MailAddress>,
) -> anyhow::Result<Party> {
    let even = code.ends_with(['0', '2', '4', '6', '8']);
    Ok(Party {
        code: PartyCode::parse(code)?,
        roles: vec![role],
        name_ja: Name::parse(names.0)?,
        name_en: Name::parse(names.1)?,
        mail,
        language: if even { Language::Ja } else { Language::En },
        members: Vec::new(),
        accepts: None,
    })
}

/// Owner and issuers: without mail addresses, so that each change leads to exactly one mail.
pub(crate) fn silent_parties() -> anyhow::Result<Vec<Party>> {
    let mut parties = vec![party(
        OWNER,
        Role::Owner,
        ("未来市", "Mirai City"),
        Vec::new(),
    )?];
    for number in 0..ISSUERS {
        let (ja, en) = (
            format!("第{number}保証株式会社"),
            format!("Surety No. {number} Ltd."),
        );
        parties.push(party(
            &issuer(number),
            Role::Issuer,
            (&ja, &en),
            Vec::new(),
        )?);
    }
    Ok(parties)
}

/// A contractor.
pub(crate) fn builder(number: u32) -> anyhow::Result<Party> {
    let (ja, en) = (
        format!("第{number}建設株式会社"),
        format!("Builders No. {number} Ltd."),
    );
    let mail = vec![MailAddress::parse(&address(number))?];
    party(&contractor(number), Role::Contractor, (&ja, &en), mail)
}

/// A bond's issuer.
pub(crate) fn issuer_of(bond: u32) -> u32 {
    bond % ISSUERS
}

impl Scene {
    /// An issuer's standing instruction, wide enough for every change.
    pub(crate) fn instruction(&self, of: u32, key: &DemoIssuer) -> anyhow::Result<Vec<u8>> {
        let instruction = json!({
            "version": 1, "valid_from": at(self.begin), "max_increase_bp": 1_000_000,
            "max_increase": yen(1_000_000_000_000), "max_extension_days": 3650,
        });
        self.sign(
            of,
            key,
            "standing_instruction",
            &json!({"instruction": instruction}),
        )
    }

    fn sign(&self, of: u32, key: &DemoIssuer, kind: &str, rest: &Value) -> anyhow::Result<Vec<u8>> {
        let mut statement = json!({
            "v": 1, "issuer": issuer(of), "signed_at": at(self.begin), "type": kind,
        });
        let members = statement.as_object_mut().context("an object")?;
        members.extend(rest.as_object().cloned().unwrap_or_default());
        let statement: Statement = serde_json::from_value(statement)?;
        key.sign(&statement.to_bytes(), self.begin)
    }

    fn contractor_of(&self, bond: u32) -> u32 {
        bond % self.recipients
    }

    /// The announcement of a bond's tender.
    pub(crate) fn tender(&self, bond: u32) -> Outgoing {
        let data = json!({"owner": OWNER, "title": format!("市道{bond}号線 舗装改良工事"),
                          "opening_at": at(self.begin)});
        event("t", bond, 0, "tender.announced", self.begin, &data)
    }

    /// The registration of a bond, signed by its issuer.
    pub(crate) fn registration(&self, bond: u32, key: &DemoIssuer) -> anyhow::Result<Outgoing> {
        let terms = json!({
            "kind": "performance", "instrument": "surety_bond",
            "principal": contractor(self.contractor_of(bond)), "obligee": OWNER,
            "procurement": procurement(bond), "contract": contract(bond), "amount": yen(PRICE / 10),
            "period": {"from": "2026-04-01", "to": "2028-09-30"},
        });
        let rest = json!({"number": self::bond(bond), "bond": terms});
        let cms = self.sign(issuer_of(bond), key, "registration", &rest)?;
        let data = json!({"document": STANDARD.encode(&cms)});
        let mut outgoing = event("d", bond, 0, "bond.document", self.begin, &data);
        outgoing.id = hex_digest(&cms);
        Ok(outgoing)
    }

    /// The conclusion of a bond's contract.
    pub(crate) fn conclusion(&self, bond: u32) -> Outgoing {
        let mut data = terms(bond, PRICE);
        if let Some(members) = data.as_object_mut() {
            let who = contractor(self.contractor_of(bond));
            members.insert("contractor".into(), who.into());
        }
        let time = self.begin + TimeDelta::seconds(1);
        event("c", bond, 0, "contract.concluded", time, &data)
    }

    /// A change of a bond's contract, counted from 1.
    pub(crate) fn change(&self, bond: u32, change: u32) -> Outgoing {
        let mut data = terms(bond, PRICE + STEP * u64::from(change));
        if let Some(members) = data.as_object_mut() {
            members.insert("change".into(), change.into());
        }
        let time = self.begin + TimeDelta::seconds(1 + i64::from(change));
        event("c", bond, change, "contract.changed", time, &data)
    }
}

fn terms(bond: u32, price: u64) -> Value {
    json!({"contract": contract(bond), "amount": yen(price), "signed_at": "2026-04-01",
           "period": {"from": "2026-04-01", "to": "2028-09-30"}})
}

fn event(
    prefix: &str,
    bond: u32,
    count: u32,
    kind: &str,
    time: Timestamp,
    data: &Value,
) -> Outgoing {
    let id = format!("{prefix}-{bond:05}-{count:05}");
    let body = json!({
        "specversion": "1.0", "id": id, "source": "/e-contract/mirai",
        "type": format!("{TYPE_PREFIX}{kind}"), "subject": procurement(bond), "time": at(time),
        "datacontenttype": "application/json", "data": data,
    });
    Outgoing {
        kind: kind.to_owned(),
        id,
        content_type: "application/cloudevents+json".to_owned(),
        body,
    }
}
