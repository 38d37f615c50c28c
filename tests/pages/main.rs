//! The pages, asked as a browser asks, on a real desk.
//!
//! | file | told |
//! |---|---|
//! | `frame` | what every page has: language, headers, cookies, the answer to a path that is no page |
//! | `doors` | who may come in: each route, each kind of visitor |
//! | `figures` | balances: charts, and files of figures |
//! | `forms` | forms from elsewhere are refused |
//! | `certificates` | a party's certificates, and handing in another |
//! | `copies` | copies of originals, and what is told of them to whoever holds one |
//! | `held_keys` | how long the hub holds a key that was shown, and what counts with it |
//! | `keys_by_page` | keys without mail |
//! | `opening` | a bond is opened with its key, handed over, and seen by its owner |
//! | `own_bonds` | each party lists its own bonds |
//! | `attached` | attachments of bonds: kept by an update, refused where no document binds them |
//! | `registering` | an issuer prepares, signs and registers a bond |
//! | `acts` | an owner's cases, what it reports by hand, waivers |
//! | `told` | what is done on a page is told as done by its account |
//! | `browser` | how the tests ask |

#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

#[path = "../it"]
mod it {
    #[expect(
        dead_code,
        unused_imports,
        unused_macros,
        reason = "the stories use what these tests do not"
    )]
    pub(crate) mod harness;
}

mod acts;
mod attached;
mod browser;
mod certificates;
mod copies;
mod doors;
mod figures;
mod forms;
mod frame;
mod held_keys;
mod keys_by_page;
mod opening;
mod own_bonds;
mod registering;
mod told;

use it::harness;
