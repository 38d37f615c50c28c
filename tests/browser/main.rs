//! The pages in a real browser: Chromium without a screen, driven by chromedriver, on the program as it runs.
//!
//! A story opens a [`site::Site`] (a hub on a free port), takes a [`browser::Browser`], and does what a person
//! does. When it fails, a picture of the page is left in `target/tmp/browser`. `audit` runs axe on a page and fails on
//! any violation of WCAG 2.2 A and AA; its script comes from `BONDHUB_TEST_AXE` (see `scripts/test`).
//!
//! | file | told |
//! |---|---|
//! | `driver` | chromedriver and its protocol |
//! | `browser` | what a person does in a browser |
//! | `axe` | accessibility of the page that is open |
//! | `site` | the hub and its people |
//! | `stage` | a hub by a clock that can be moved on, and its people signed in |
//! | `bidding_by_hand` | F01: every box of the bidding flow, by people on pages |
//! | `contract_by_hand` | F02: every box of the contract flow, by people on pages |
//! | `gallery` | every page for everybody, in both languages, wide and narrow |
//! | `keyboard` | a bond opened without a mouse |
//! | `signing_in` | invitation, password and one-time password, passkey, sign-out |

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
        reason = "the stories in a browser use a part of it"
    )]
    pub(crate) mod harness;
}

mod axe;
mod bidding_by_hand;
mod browser;
mod contract_by_hand;
mod driver;
mod gallery;
mod keyboard;
mod signing_in;
mod site;
mod stage;

use it::harness;
