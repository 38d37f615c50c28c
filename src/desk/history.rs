//! Bonds as those who run the hub are told of them, and their earlier versions, which auditors alone read (R4).

use bondhub_core::{
    account::{Permission, Viewer},
    audit::{Act, AuditEntry},
    identifier::BondId,
    ports::store::{BondFilter, BondRow, BondView, VersionRow},
};

use super::{
    Desk, DeskError, MatchSeen, Refusal,
    my_bonds::{LONGEST, is_open},
    vault::document_behind,
};

/// One bond, to those who run the hub.
#[derive(Debug, Clone)]
pub struct KeptBond {
    /// With all its versions and keys.
    pub view: BondView,
    /// How it matches its case; none before its owner might know (R21).
    pub matched: Option<MatchSeen>,
    /// Whether what its versions say may be told. That it was is in the audit log then.
    pub tells_content: bool,
}

impl Desk {
    /// One bond, to those who run the hub. From when on its owner might see it they are told how it matches its case, and whoever
    /// reads histories what each version says: each is an entry of its own in the audit log (R4).
    pub async fn kept_bond(&self, viewer: &Viewer, bond: &BondId) -> Result<KeptBond, DeskError> {
        let permission = Permission::ReadBonds;
        if viewer.party.is_some() || !viewer.may(permission) {
            return Err(Refusal::AccountLacks { permission }.into());
        }
        let view = self.store.bond(bond).await?;
        let view = view.ok_or_else(|| DeskError::NotFound(format!("bond {bond}")))?;
        let case = self.store.case(&view.bond.terms.procurement).await?;
        let file = case.as_ref().map(|case| &case.file);
        let is_open = is_open(&view.bond, file, self.clock.now());
        let tells_content = is_open && viewer.may(Permission::ReadHistory);
        if tells_content {
            let versions = view.versions.iter();
            let told: Vec<_> = versions.map(|one| self.told_read(&view, one)).collect();
            self.store.record(&told).await?;
        }
        Ok(KeptBond {
            matched: file
                .filter(|_| is_open)
                .and_then(|file| MatchSeen::of(file, bond)),
            tells_content,
            view,
        })
    }

    /// A page of bonds by number, to those who run the hub, and whether there are more. Those an owner could not see now are
    /// left out: before the opening there is no list of who has a bond, for nobody (R21).
    pub async fn kept_bonds(&self, asked: &BondFilter) -> Result<(Vec<BondRow>, bool), DeskError> {
        let limit = asked.limit as usize;
        let mut filter = BondFilter {
            limit: asked.limit.saturating_add(1),
            ..asked.clone()
        };
        let mut rows = Vec::new();
        // A page is as long as what it shows: shorter for what it hides, it would tell that.
        while rows.len() <= limit {
            let page = self.store.bonds(&filter).await?;
            let last = page.len() < filter.limit as usize;
            filter.after = page.last().map(|row| row.bond.clone());
            rows.extend(self.open_ones(page).await?);
            if last {
                break;
            }
            filter.limit = LONGEST;
        }
        let more = rows.len() > limit;
        rows.truncate(limit);
        Ok((rows, more))
    }

    async fn open_ones(&self, mut rows: Vec<BondRow>) -> Result<Vec<BondRow>, DeskError> {
        let cases = self.cases_of(rows.iter()).await?;
        let now = self.clock.now();
        rows.retain(|row| {
            let case = cases.get(&row.terms.procurement).map(|case| &case.file);
            is_open(row, case, now)
        });
        Ok(rows)
    }

    fn told_read(&self, view: &BondView, version: &VersionRow) -> AuditEntry {
        let subject = format!("bond:{}", view.bond.bond);
        let told = self
            .told(Act::OriginalRead, subject)
            .with("version", version.version);
        match document_behind(view, version.version) {
            Some(document) => told.with("document", document),
            None => told,
        }
    }
}
