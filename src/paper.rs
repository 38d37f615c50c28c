//! Paper bonds (R41): lists that issuers keep in spreadsheets, read row by row.
//!
//! A list may be long: nothing here holds more of it than a row, or a batch of rows to find a number that comes twice. What is wrong is told with line and column, in Japanese or English.

mod beside;
mod fault;
mod records;
mod row;

pub use beside::Beside;
pub use fault::{Fault, Place};
pub use records::{Record, Records};
pub use row::{Columns, Entry, Known, LARGEST};

/// A list that can be used as a pattern: the columns, and a row.
pub const TEMPLATE: &str = "\
number,kind,instrument,contractor,owner,procurement,contract,lot,amount,currency,from,to\r\n\
P-0001,performance,bank_guarantee,C-77,O-1,,K-2026-0042,,12000000,JPY,2026-04-01,2027-03-31\r\n";
