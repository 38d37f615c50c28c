//! Outstanding liability (保証債務残高): whose it is, and what the ledger says of it (R40 to R43).
//!
//! The ledger has two times. A movement is *effective* from a day on, and was *recorded* on another; it
//! is never changed, only countered by further movements. So it answers for any day what is outstanding,
//! and also what the hub knew of that day on an earlier one.
//!
//! | file | concern |
//! |---|---|
//! | `shares` | whose liability a bond is: joint ventures by shares, to the last unit |
//! | `posting` | movements that lead from what the ledger says to what it ought to say |
//! | `span` | the days of a series: by day, month or fiscal year |
//! | `coming` | figures of days to come: with what time alone will have changed by then |
//! | `sight` | who may see which figures (R43) |

mod coming;
mod posting;
mod shares;
mod sight;
mod span;

pub use coming::{Change, Foreseen, ends_of_months};
pub use posting::{Posting, Standings, amount_on, movements};
pub use shares::{Era, sharing, split};
pub use sight::{Beholder, Blocked, Detail, Hides, Sight, allow, hides};
pub use span::{Span, SpanError, Step};
