//! What a copy says, in Japanese and English.

use bondhub_core::{
    bond::{BondKind, Instrument},
    calendar::Timestamp,
    identifier::PartyCode,
    key::Kid,
    party::Role,
    ports::paper::{CopySheet, Enclosure, Row},
};

use crate::{desk::Original, hub::directory::Directory, vault::Look};

/// What the words are about.
pub(super) struct Wording<'a> {
    pub(super) look: &'a Look,
    pub(super) original: &'a Original,
    pub(super) id: &'a Kid,
    pub(super) made_at: Timestamp,
    pub(super) directory: &'a Directory,
    pub(super) public_url: Option<&'a str>,
}

impl<'a> Wording<'a> {
    /// The copy as it is to be made.
    pub(super) fn sheet(&self, attachments: Vec<Enclosure<'a>>) -> CopySheet<'a> {
        let terms = &self.original.version.terms;
        let (kind_ja, kind_en) = kind(terms.kind);
        CopySheet {
            title_ja: format!("{kind_ja}（写し）"),
            title_en: format!("{kind_en} — copy"),
            notice: notice(),
            rows: self.rows(),
            wording: &terms.wording,
            mark: self.mark(),
            code: self.code(),
            code_caption: self.code_caption(),
            attachments,
            made_at: self.made_at,
        }
    }

    /// On every page: that it is a copy, of which bond and version, when, for whom.
    fn mark(&self) -> Vec<String> {
        let version = self.original.version.version;
        let (role_ja, role_en) = role(self.look.role);
        let holder = &self.look.holder;
        vec![
            format!(
                "写し COPY — {} 第{version}版 / version {version}",
                self.look.bond
            ),
            format!(
                "{} — {role_ja} / {role_en}: {holder} {}",
                self.time(self.made_at),
                self.name(holder, "／")
            ),
            format!("写し番号 / copy no. {}", self.grouped_id()),
        ]
    }

    /// Where the copy can be checked; without an address, what is needed to ask.
    fn code(&self) -> String {
        match self.public_url {
            Some(url) => format!("{url}/verify/{}", self.id),
            None => format!(
                "BONDHUB COPY {} DOCUMENT {}",
                self.id, self.original.document.digest
            ),
        }
    }

    fn code_caption(&self) -> Vec<String> {
        let how = if self.public_url.is_some() {
            "この写しが真正で最新かを確認できます / Tells whether this copy is genuine and current"
        } else {
            "写し番号と原本のダイジェスト / Copy number and digest of the original"
        };
        vec![how.to_owned(), self.grouped_id()]
    }

    fn grouped_id(&self) -> String {
        let letters: Vec<char> = self.id.as_str().chars().collect();
        let groups = letters.chunks(4).map(|group| group.iter().collect());
        groups.collect::<Vec<String>>().join("-")
    }

    fn rows(&self) -> Vec<Row> {
        let original = self.original;
        let (terms, version) = (&original.version.terms, original.version.version);
        let bond = &self.look.bond;
        let (instrument_ja, instrument_en) = instrument(terms.instrument);
        let party = |code: &PartyCode| format!("{code}  {}", self.name(code, "\n"));
        let mut rows = vec![
            row("証券番号", "Number", bond.number.to_string()),
            row("版", "Version", version.to_string()),
            row(
                "種類",
                "Instrument",
                format!("{instrument_ja} / {instrument_en}"),
            ),
            row("発行機関", "Issuer", party(&bond.issuer)),
            row("受注者（債務者）", "Contractor", party(&terms.principal)),
            row("発注者（債権者）", "Owner", party(&terms.obligee)),
            row("調達案件", "Procurement", terms.procurement.to_string()),
        ];
        rows.extend(
            terms
                .lot
                .as_ref()
                .map(|lot| row("工区", "Lot", lot.to_string())),
        );
        let contract = terms.contract.as_ref();
        rows.extend(contract.map(|it| row("契約", "Contract", it.to_string())));
        rows.extend([
            row("保証金額", "Amount", terms.amount.to_string()),
            row(
                "保証期間",
                "Period",
                format!("{} – {}", terms.period.from(), terms.period.to()),
            ),
            row(
                "原本の署名",
                "Signed",
                self.time(original.document.signed_at),
            ),
            row(
                "原本のダイジェスト",
                "SHA-256",
                original.document.digest.clone(),
            ),
        ]);
        rows
    }

    fn name(&self, code: &PartyCode, between: &str) -> String {
        let party = self.directory.parties.get(code);
        party.map_or_else(String::new, |party| {
            format!(
                "{}{between}{}",
                party.name_ja.as_str(),
                party.name_en.as_str()
            )
        })
    }

    fn time(&self, time: Timestamp) -> String {
        let zone = self.directory.rules.policy.zone;
        let local = time.with_timezone(&zone);
        local.format("%Y-%m-%d %H:%M (%:z)").to_string()
    }
}

fn row(label_ja: &'static str, label_en: &'static str, value: String) -> Row {
    Row {
        label_ja,
        label_en,
        value,
    }
}

fn notice() -> Vec<String> {
    vec![
        "これは写しです。原本はボンド管理システムの金庫の中にある１通だけです。".to_owned(),
        "This is a copy. The one original is in the vault of the bond management system."
            .to_owned(),
    ]
}

fn kind(kind: BondKind) -> (&'static str, &'static str) {
    match kind {
        BondKind::Bid => ("入札ボンド", "Bid bond"),
        BondKind::PerformanceReservation => ("履行ボンドの予約", "Performance-bond reservation"),
        BondKind::Performance => ("履行ボンド", "Performance bond"),
    }
}

fn instrument(instrument: Instrument) -> (&'static str, &'static str) {
    match instrument {
        Instrument::SuretyBond => ("保証証券（ボンド）", "Surety bond"),
        Instrument::Insurance => ("履行保証保険", "Guarantee insurance"),
        Instrument::BankGuarantee => ("金融機関の保証", "Bank guarantee"),
        Instrument::ContractGuarantee => ("前払金保証事業会社の契約保証", "Contract guarantee"),
    }
}

fn role(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Issuer => ("発行機関", "issuer"),
        Role::Contractor => ("受注者", "contractor"),
        Role::Owner => ("発注者", "owner"),
    }
}
