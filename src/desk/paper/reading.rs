//! Reading a list: every fault is found, and what is not at fault is noted in the store.

use std::io::BufRead;

use bondhub_core::ports::store::{PaperDeed, PaperList, PaperRow};

use super::{
    AT_ONCE, ImportMode, ImportReport,
    adding::{Sums, Ventures},
    comparing::{Against, Compared, Waiting},
    unreadable, whole,
};
use crate::{
    desk::{Desk, DeskError},
    paper::{Columns, Fault, Known, Records},
};

impl Desk {
    /// Reads a list once, in batches.
    pub(super) async fn read_list(
        &self,
        list: &PaperList,
        source: impl BufRead + Send,
        mode: ImportMode,
    ) -> Result<ImportReport, DeskError> {
        let mut report = ImportReport::default();
        let mut records = Records::new(source);
        let Some(columns) = header(&mut records, &mut report)? else {
            return Ok(report);
        };
        let parties = self.store.book().await?.parties;
        let ventures = Ventures::new(&parties);
        let roles = parties.into_iter().map(|party| (party.code, party.roles));
        let known = Known::new(roles, self.zone());
        let against = Against {
            list,
            columns: &columns,
            mode,
            ventures: &ventures,
        };
        let (mut batch, mut waiting, mut sums) = (Vec::new(), Waiting::new(), Sums::default());
        while let Some(record) = records.next_record().map_err(|error| unreadable(&error))? {
            report.rows += 1;
            let read = match &record.cells {
                Ok(cells) => columns.entry(&list.issuer, record.line, cells, &known),
                Err(fault) => Err(vec![whole(record.line, fault.clone())]),
            };
            match read {
                Ok(entry) => batch.push(entry),
                Err(places) => report.fault(places),
            }
            if batch.len() == AT_ONCE {
                let rows = std::mem::take(&mut batch);
                let good = self
                    .compare(&against, rows, &mut waiting, &mut report)
                    .await?;
                self.note(list, good, &mut report, &mut sums).await?;
            }
        }
        let good = self
            .compare(&against, batch, &mut waiting, &mut report)
            .await?;
        self.note(list, good, &mut report, &mut sums).await?;
        let mut over = Waiting::over();
        let good = self
            .compare(&against, waiting.0, &mut over, &mut report)
            .await?;
        self.note(list, good, &mut report, &mut sums).await?;
        report.faults.sort_by_key(|place| place.line);
        report.exceeded = self.exceeded(&list.issuer, sums).await?;
        Ok(report)
    }

    async fn note(
        &self,
        list: &PaperList,
        compared: Vec<Compared>,
        report: &mut ImportReport,
        sums: &mut Sums,
    ) -> Result<(), DeskError> {
        if compared.is_empty() {
            return Ok(());
        }
        for one in &compared {
            match one.row.deed {
                PaperDeed::Nothing => report.unchanged += 1,
                PaperDeed::Update => {
                    report.updated += 1;
                    sums.add(one);
                }
                PaperDeed::Add => {
                    report.added += 1;
                    sums.add(one);
                }
            }
        }
        let rows: Vec<PaperRow> = compared.into_iter().map(|one| one.row).collect();
        Ok(self.store.note_rows(list.id, &rows).await?)
    }
}

fn header<R: BufRead>(
    records: &mut Records<R>,
    report: &mut ImportReport,
) -> Result<Option<Columns>, DeskError> {
    let read = match records.next_record().map_err(|error| unreadable(&error))? {
        None => Err(vec![whole(1, Fault::Empty)]),
        Some(record) => match record.cells {
            Err(fault) => Err(vec![whole(record.line, fault)]),
            Ok(cells) => Columns::read(record.line, &cells),
        },
    };
    match read {
        Ok(columns) => Ok(Some(columns)),
        Err(places) => {
            report.fault(places);
            Ok(None)
        }
    }
}
