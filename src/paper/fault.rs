//! What is wrong with a row, and where.

use bondhub_core::party::Language;
use serde::Serialize;

/// Something wrong, with its place in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1, if one is at fault.
    pub column: Option<usize>,
    /// The column's name.
    pub name: Option<&'static str>,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// The list is empty.
    Empty,
    /// A column is missing from the header.
    NoColumn {
        /// Which.
        column: &'static str,
    },
    /// The header names a column twice, or one that is not known.
    OddColumn {
        /// As it is written.
        column: String,
    },
    /// UTF-16, or nothing that the hub reads.
    Encoding,
    /// This row is in another encoding than those before it.
    MixedEncodings {
        /// What the list was in so far.
        before: &'static str,
    },
    /// A quotation mark that is not closed, or a row longer than any can be.
    Torn,
    /// Another number of cells than the header has.
    Cells {
        /// What was expected.
        expected: usize,
        /// What was found.
        found: usize,
    },
    /// A cell that must be filled is empty.
    Missing,
    /// Not a name: too long, or with control characters.
    Name,
    /// Not one of the words that may stand here.
    Word {
        /// Those that may.
        expected: &'static str,
    },
    /// Not a whole number of minor units above zero.
    Amount,
    /// More than a bond may be over.
    TooLarge,
    /// Not a currency.
    Currency,
    /// Not a day.
    Day,
    /// Not a time.
    Time,
    /// When the bids are opened is known neither from the row nor from its case.
    NoOpening,
    /// The period ends before it begins.
    Reversed,
    /// The bond ends before it could ever have counted: an implausible century.
    Implausible,
    /// Nobody of this code is known.
    Unknown {
        /// In which role.
        role: &'static str,
    },
    /// The number stands in an earlier line too.
    Twice {
        /// In which line.
        line: u64,
    },
    /// The same guarantee stands in an earlier line, for days of this one.
    Overlaps {
        /// In which line.
        line: u64,
    },
    /// Another outstanding bond gives the same guarantee, for days of this one.
    OverlapsBond {
        /// Its number.
        number: String,
    },
    /// The number is known with other content; an update must be asked for.
    Differs,
    /// The number is that of an electronic bond, or of another case.
    Taken,
    /// The number is that of another bond: an update does not change this.
    OtherBond {
        /// What differs: a column's name.
        what: &'static str,
    },
    /// The hub refused what the row says.
    Refused {
        /// Why.
        why: String,
    },
}

impl Fault {
    /// In a sentence.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Ja => self.japanese(),
            Language::En => self.english(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Empty => "the list is empty; its first line names the columns".into(),
            Self::NoColumn { column } => format!("the column `{column}` is missing"),
            Self::OddColumn { column } => {
                format!("the column `{column}` is not known, or stands twice")
            }
            Self::Encoding => "the text is neither UTF-8 nor Shift_JIS (CP932)".into(),
            Self::MixedEncodings { before } => {
                format!("the list was {before} so far, and this row is not")
            }
            Self::Torn => "a quotation mark is not closed, or the row is too long".into(),
            Self::Cells { expected, found } => {
                format!("the row has {found} cells, the header {expected}")
            }
            Self::Missing => "must be filled".into(),
            Self::Name => "is too long, or has control characters".into(),
            Self::Word { expected } => format!("must be one of {expected}"),
            Self::Amount => {
                "must be a whole number of the currency's minor unit, above zero".into()
            }
            Self::TooLarge => "is larger than 1,000,000,000,000,000".into(),
            Self::Currency => "must be an ISO 4217 code such as JPY".into(),
            Self::Day => "must be a day such as 2026-04-01".into(),
            Self::Time => {
                "must be a time such as 2026-04-01 10:00 or 2026-04-01T10:00:00+09:00".into()
            }
            Self::NoOpening => {
                "the hub does not know when these bids are opened: name the time; until then the bond stays hidden from its owner".into()
            }
            Self::Reversed => "the period ends before it begins".into(),
            Self::Implausible => "must lie between 1950 and 2200".into(),
            Self::Unknown { role } => {
                format!("no {role} of this code is known; add it with `bondhub party add`")
            }
            Self::Twice { line } => format!("the number stands in line {line} too"),
            Self::Overlaps { line } => {
                format!("line {line} has the same guarantee for some of these days")
            }
            Self::OverlapsBond { number } => {
                format!("bond {number} gives the same guarantee for some of these days")
            }
            Self::Differs => {
                "the number is known with other content; ask for an update if that is meant".into()
            }
            Self::Taken => {
                "the number is that of an electronic bond, or belongs to another case".into()
            }
            Self::OtherBond { what } => {
                format!(
                    "the bond of this number has another {what}; another bond needs a number of its own"
                )
            }
            Self::Refused { why } => why.clone(),
        }
    }

    fn japanese(&self) -> String {
        match self {
            Self::Empty => "一覧が空です。1行目に列名を書いてください".into(),
            Self::NoColumn { column } => format!("列「{column}」がありません"),
            Self::OddColumn { column } => format!("列「{column}」は使えないか、重複しています"),
            Self::Encoding => "文字コードが UTF-8 でも Shift_JIS (CP932) でもありません".into(),
            Self::MixedEncodings { before } => {
                format!("ここまでは {before} でしたが、この行は違います")
            }
            Self::Torn => "引用符が閉じていないか、行が長すぎます".into(),
            Self::Cells { expected, found } => {
                format!("見出しは{expected}列ですが、この行は{found}列です")
            }
            Self::Missing => "必須項目です".into(),
            Self::Name => "長すぎるか、制御文字を含んでいます".into(),
            Self::Word { expected } => format!("次のいずれかを書いてください: {expected}"),
            Self::Amount => "通貨の最小単位による正の整数で書いてください".into(),
            Self::TooLarge => "1,000,000,000,000,000 を超えています".into(),
            Self::Currency => "JPY のような ISO 4217 の通貨コードを書いてください".into(),
            Self::Day => "2026-04-01 のような日付を書いてください".into(),
            Self::Time => {
                "2026-04-01 10:00 または 2026-04-01T10:00:00+09:00 のような日時を書いてください".into()
            }
            Self::NoOpening => {
                "開札日時が登録されていない案件です。開札日時を書いてください（それまで発注者には表示されません）".into()
            }
            Self::Reversed => "保証期間の終わりが始まりより前です".into(),
            Self::Implausible => "1950年から2200年までの日付を書いてください".into(),
            Self::Unknown { role } => {
                format!("このコードの{}は登録されていません", japanese_role(role))
            }
            Self::Twice { line } => format!("同じ番号が{line}行目にもあります"),
            Self::Overlaps { line } => format!("同じ保証の期間が{line}行目と重なっています"),
            Self::OverlapsBond { number } => {
                format!("登録済みのボンド{number}と、同じ保証の期間が重なっています")
            }
            Self::Differs => {
                "この番号は別の内容で登録済みです。変更する場合は更新を指定してください".into()
            }
            Self::Taken => "この番号は電子ボンドのものか、別の案件のものです".into(),
            Self::OtherBond { what } => {
                let what = match *what {
                    "kind" => "種別",
                    "currency" => "通貨",
                    role => japanese_role(role),
                };
                format!(
                    "登録済みのボンドと{what}が異なります。別のボンドには別の番号を付けてください"
                )
            }
            Self::Refused { why } => why.clone(),
        }
    }
}

fn japanese_role(role: &str) -> &'static str {
    match role {
        "contractor" => "建設会社",
        "owner" => "発注者",
        _ => "発行機関",
    }
}
