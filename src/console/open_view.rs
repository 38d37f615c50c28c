//! What a look tells, in words.

use bondhub_core::{bond::Medium, party::Role, view::Ground};
use serde::Serialize;

use super::{
    Console, Trouble, Visit,
    balances::Liability,
    parts::{self, Badge, Happened, Key, Row},
    words::Moment,
};
use crate::vault::{Content, Look, Shown};

/// A bond that was opened.
#[derive(Serialize)]
pub(super) struct Opened {
    /// The number; none before the opening.
    number: Option<String>,
    /// The reader's role, in words and as a name.
    role: String,
    role_name: &'static str,
    looked_at: Moment,
    existence: Option<Existence>,
    content: Option<Told>,
    /// What the contractor has outstanding (R22).
    liability: Option<Liability>,
    may: May,
    /// What does not match the case, told before the hand-over.
    findings: Vec<String>,
    handed_over: bool,
}

/// What the reader may do.
#[derive(Default, Serialize)]
struct May {
    /// Take a copy (R23).
    copy: bool,
    /// The contractor: hand it over.
    hand_over: bool,
    /// The owner: agree to a deletion.
    consent: bool,
}

/// What is told before the opening.
#[derive(Serialize)]
struct Existence {
    procurement: String,
    title: Option<String>,
    principal: String,
    opening_at: Option<Moment>,
}

/// What is told of the content.
#[derive(Serialize)]
struct Told {
    amount: String,
    state: Badge,
    because: String,
    ground: String,
    title: Option<String>,
    terms: Vec<Row>,
    history: Vec<Happened>,
    keys: Vec<Key>,
}

/// A look in words.
pub(super) async fn told(visit: &Visit, console: &Console, look: &Look) -> Result<Opened, Trouble> {
    console.desk.directory().await?;
    let mut opened = Opened {
        number: None,
        role: parts::role(visit, look.role),
        role_name: look.role.as_str(),
        looked_at: visit.words().time(look.at),
        existence: None,
        content: None,
        liability: None,
        may: May::default(),
        findings: Vec::new(),
        handed_over: false,
    };
    match &look.shown {
        Shown::Existence {
            procurement,
            principal,
            opening_at,
        } => {
            // Asked before the opening, an owner answers before it; it sees no more for that.
            opened.may.consent = console.desk.is_consent_asked(look).await?;
            opened.existence = Some(Existence {
                procurement: procurement.to_string(),
                title: console.desk.case_title(procurement).await?,
                principal: visit.party_name(principal),
                opening_at: opening_at.map(|at| visit.words().time(at)),
            });
        }
        Shown::Content(content) => {
            let row = &content.view.bond;
            let title = console.desk.case_title(&row.terms.procurement).await?;
            opened.number = Some(row.bond.number.to_string());
            opened.content = Some(content_of(visit, content, title));
            let liability = console.desk.liability_of(look).await?;
            opened.liability = liability.map(|told| Liability::of(visit, &told));
            let alive = row.state.has_keys();
            opened.handed_over = handed_over(content);
            opened.may = May {
                copy: may_be_copied(content),
                hand_over: look.role == Role::Contractor && alive && !opened.handed_over,
                consent: look.role == Role::Owner && alive,
            };
            if opened.may.hand_over {
                let open = console.desk.open_findings(&look.bond).await?;
                opened.findings = parts::findings(visit, &open);
            }
        }
    }
    Ok(opened)
}

/// A grant lets one look, not take away; and there is no electronic original of a bond on paper.
fn may_be_copied(content: &Content) -> bool {
    content.ground != Ground::Granted && content.view.bond.terms.medium == Medium::Electronic
}

fn handed_over(content: &Content) -> bool {
    let mut keys = content.view.keys.iter();
    keys.any(|key| key.key.role == Role::Owner)
}

fn content_of(visit: &Visit, content: &Content, title: Option<String>) -> Told {
    let row = &content.view.bond;
    let rule = row.cause.rule.as_str();
    Told {
        amount: visit.words().money(&row.terms.amount),
        state: Badge::of(visit, row.state),
        because: visit.text(&format!("rule.{rule}")),
        ground: visit.text(&format!("ground.{}", content.ground.as_str())),
        title,
        terms: parts::terms(visit, row),
        history: parts::history(visit, &content.history, row),
        keys: parts::keys(visit, &content.view.keys),
    }
}
