//! What an act would lead to, in words.

use bondhub_core::task::{Subject, TaskKey};
use serde::Serialize;

use super::super::{Visit, parts};
use crate::desk::{KeyChange, Mailing, Rehearsal};

/// What would happen, group by group.
#[derive(Debug, Serialize)]
pub(super) struct Effects {
    groups: Vec<Group>,
    /// What would become of the report itself, where it would not simply be taken.
    state: Option<String>,
    withheld: bool,
}

/// Sentences of one kind.
#[derive(Debug, Serialize)]
struct Group {
    id: &'static str,
    title: String,
    sentences: Vec<String>,
}

impl Effects {
    pub(super) fn of(visit: &Visit, rehearsal: &Rehearsal) -> Self {
        let groups = [
            ("bonds", bonds(visit, rehearsal)),
            ("keys", keys(visit, rehearsal)),
            ("mails", mails(visit, &rehearsal.mails)),
            ("tasks", tasks(visit, rehearsal)),
        ];
        let told = groups
            .into_iter()
            .filter(|(_, sentences)| !sentences.is_empty());
        let group = |(id, sentences)| Group {
            id,
            title: visit.text(&format!("effects.{id}")),
            sentences,
        };
        let state = match rehearsal.state {
            "applied" => None,
            other => Some(visit.text(&format!("effects.state_{other}"))),
        };
        Self {
            groups: told.map(group).collect(),
            state,
            withheld: rehearsal.withheld,
        }
    }
}

fn bonds(visit: &Visit, rehearsal: &Rehearsal) -> Vec<String> {
    let sentence = |change: &crate::desk::BondChange| {
        let state = visit.text(&format!("bond_state.{}", change.state.as_str()));
        let rule = visit.text(&format!("rule.{}", change.because));
        let (bond, version) = (change.bond.to_string(), change.version.to_string());
        let with = [
            ("bond", bond.as_str()),
            ("state", state.as_str()),
            ("version", version.as_str()),
            ("rule", rule.as_str()),
        ];
        visit.text_with("effects.bond", &with)
    };
    rehearsal.bonds.iter().map(sentence).collect()
}

fn keys(visit: &Visit, rehearsal: &Rehearsal) -> Vec<String> {
    let sentence = |key: &'static str, change: &KeyChange| {
        let bond = change.bond.to_string();
        let whose = match (&change.holder, change.role) {
            (Some(holder), _) => visit.party_name(holder),
            (None, Some(role)) => parts::role(visit, role),
            (None, None) => visit.text("effects.everybody"),
        };
        visit.text_with(key, &[("bond", bond.as_str()), ("whose", whose.as_str())])
    };
    let ended = rehearsal.keys_ended.iter();
    let ended = ended.map(|change| sentence("effects.key_ended", change));
    let issued = rehearsal.keys_issued.iter();
    ended
        .chain(issued.map(|change| sentence("effects.key_issued", change)))
        .collect()
}

fn mails(visit: &Visit, mails: &[Mailing]) -> Vec<String> {
    let sentence = |mail: &Mailing| {
        let what = visit.text(&format!("mail_name.{}", mail.name));
        let to = visit.party_name(&mail.to);
        visit.text_with(
            "effects.mail",
            &[("to", to.as_str()), ("what", what.as_str())],
        )
    };
    mails.iter().map(sentence).collect()
}

fn tasks(visit: &Visit, rehearsal: &Rehearsal) -> Vec<String> {
    let sentence = |key: &'static str, task: &TaskKey| {
        let what = visit.text(&format!("task.{}", task.kind.as_str()));
        let about = match &task.subject {
            Subject::Bond(bond) => bond.to_string(),
            Subject::Contract(contract) => contract.to_string(),
            Subject::Opening(scope) => super::scope(visit, scope),
            Subject::Wait(wait) => wait.to_string(),
            Subject::Trust(name) => name.clone(),
        };
        visit.text_with(key, &[("task", what.as_str()), ("about", about.as_str())])
    };
    let opened = rehearsal.tasks_opened.iter();
    let opened = opened.map(|task| sentence("effects.task_opened", task));
    let closed = rehearsal.tasks_closed.iter();
    opened
        .chain(closed.map(|task| sentence("effects.task_closed", task)))
        .collect()
}
