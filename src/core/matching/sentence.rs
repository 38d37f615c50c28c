//! A finding as one sentence, in Japanese and English.

use chrono::{Datelike as _, FixedOffset, NaiveDate};

use super::{Discrepancy, ReservationDifference};
use crate::{
    bond::BondKind,
    calendar::Timestamp,
    money::{Currency, Money},
    party::Language,
};

impl Discrepancy {
    /// The finding in the reader's language; `zone` is the hub's, for times.
    pub fn sentence(&self, language: Language, zone: FixedOffset) -> String {
        match language {
            Language::En => self.in_english(zone),
            Language::Ja => self.in_japanese(zone),
        }
    }

    fn in_english(&self, zone: FixedOffset) -> String {
        match self {
            Self::WrongKind { kind } => {
                format!("It is a {}, not a performance bond.", kind_en(*kind))
            }
            Self::LotNotCovered { lot } => {
                format!("The bond is for lot {lot}, which the contract does not cover.")
            }
            Self::UnknownLot { lot } => {
                format!("The bond is for lot {lot}, which the tender does not have.")
            }
            Self::OtherPrincipal { principal } => {
                format!("The bond's principal is {principal}, not the contractor.")
            }
            Self::NoBid { principal } => {
                format!("The bids were opened, and {principal} is not among the bidders.")
            }
            Self::OtherObligee { obligee } => {
                format!("The bond's obligee is {obligee}, not the owner.")
            }
            Self::OtherCurrency { currency } => {
                format!(
                    "The bond is in {}, another currency is required.",
                    currency.as_str()
                )
            }
            Self::AmountShort {
                guaranteed,
                required,
            } => format!("{guaranteed} is guaranteed, {required} is required."),
            Self::EndsBeforeContract { ends, needed } => {
                format!("The bond ends on {ends}, the contract on {needed}.")
            }
            Self::EndsBeforeAcceptance { ends, needed } => {
                format!("The bond ends on {ends}, bids can be accepted until {needed}.")
            }
            Self::OtherOpening {
                registered,
                announced,
            } => format!(
                "The registration names {} as opening time, {} is announced; until this is settled the later one counts.",
                time_en(*registered, zone),
                time_en(*announced, zone)
            ),
            Self::NotTheReservation { number, differs } => {
                format!(
                    "The bond cannot take reservation {number} over: {}.",
                    differs_en(*differs)
                )
            }
        }
    }

    fn in_japanese(&self, zone: FixedOffset) -> String {
        match self {
            Self::WrongKind { kind } => {
                format!("{}であり、履行ボンドではありません。", kind_ja(*kind))
            }
            Self::LotNotCovered { lot } => {
                format!("ボンドの対象ロット（{lot}）は、この契約の対象ではありません。")
            }
            Self::UnknownLot { lot } => {
                format!("ボンドの対象ロット（{lot}）は、この入札にありません。")
            }
            Self::OtherPrincipal { principal } => {
                format!("ボンドの建設会社（{principal}）が、契約の相手方と異なります。")
            }
            Self::NoBid { principal } => {
                format!("開札されましたが、ボンドの建設会社（{principal}）は入札していません。")
            }
            Self::OtherObligee { obligee } => {
                format!("ボンドの発注者（{obligee}）が、案件の発注者と異なります。")
            }
            Self::OtherCurrency { currency } => {
                format!(
                    "ボンドの通貨（{}）が、求められる通貨と異なります。",
                    currency.as_str()
                )
            }
            Self::AmountShort {
                guaranteed,
                required,
            } => format!(
                "保証金額は{}ですが、{}が必要です。",
                money_ja(guaranteed),
                money_ja(required)
            ),
            Self::EndsBeforeContract { ends, needed } => format!(
                "保証期間は{}に満了しますが、契約の期間は{}までです。",
                day_ja(*ends),
                day_ja(*needed)
            ),
            Self::EndsBeforeAcceptance { ends, needed } => format!(
                "保証期間は{}に満了しますが、入札書の有効期間は{}までです。",
                day_ja(*ends),
                day_ja(*needed)
            ),
            Self::OtherOpening {
                registered,
                announced,
            } => format!(
                "登録された開札日時は{}ですが、公告は{}です。解決されるまで遅い方に従います。",
                time_ja(*registered, zone),
                time_ja(*announced, zone)
            ),
            Self::NotTheReservation { number, differs } => {
                format!("予約（{number}）を引き継げません。{}", differs_ja(*differs))
            }
        }
    }
}

fn kind_en(kind: BondKind) -> &'static str {
    match kind {
        BondKind::Bid => "bid bond",
        BondKind::PerformanceReservation => "reservation",
        BondKind::Performance => "performance bond",
    }
}

fn kind_ja(kind: BondKind) -> &'static str {
    match kind {
        BondKind::Bid => "入札ボンド",
        BondKind::PerformanceReservation => "履行ボンドの予約",
        BondKind::Performance => "履行ボンド",
    }
}

fn differs_en(differs: ReservationDifference) -> &'static str {
    match differs {
        ReservationDifference::Unknown => "it is not known",
        ReservationDifference::Kind => "it is not a reservation",
        ReservationDifference::Principal => "it is another contractor's",
        ReservationDifference::Obligee => "it is for another owner",
        ReservationDifference::Lot => "it is for another lot",
        ReservationDifference::Currency => "it is in another currency",
    }
}

fn differs_ja(differs: ReservationDifference) -> &'static str {
    match differs {
        ReservationDifference::Unknown => "この番号の予約は登録されていません。",
        ReservationDifference::Kind => "この番号は予約ではありません。",
        ReservationDifference::Principal => "建設会社が異なります。",
        ReservationDifference::Obligee => "発注者が異なります。",
        ReservationDifference::Lot => "対象ロットが異なります。",
        ReservationDifference::Currency => "通貨が異なります。",
    }
}

fn money_ja(money: &Money) -> String {
    let written = money.to_string();
    if money.currency() == Currency::JPY {
        written.replacen("JPY ", "￥", 1)
    } else {
        written
    }
}

fn day_ja(day: NaiveDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

fn time_ja(at: Timestamp, zone: FixedOffset) -> String {
    let local = at.with_timezone(&zone);
    format!("{}{}", day_ja(local.date_naive()), local.format(" %H:%M"))
}

fn time_en(at: Timestamp, zone: FixedOffset) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}
