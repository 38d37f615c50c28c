//! What the command line does the API does too, or it is said why not (R62): the table in docs/api.md, held.

use std::collections::BTreeSet;

use bondhub::{cli::Cli, http::api};
use clap::CommandFactory as _;

const DOCUMENT: &str = include_str!("../../docs/api.md");

/// Every command that does something: those without commands below them, and those that do both.
fn commands(command: &clap::Command, before: &str, found: &mut BTreeSet<String>) {
    for below in command.get_subcommands() {
        let name = format!("{before}{}", below.get_name());
        if below.get_subcommands().next().is_none() || !below.is_subcommand_required_set() {
            found.insert(name.clone());
        }
        commands(below, &format!("{name} "), found);
    }
}

/// A row of the table: the command, and the operations or the reason that there is none.
fn rows() -> Vec<(String, Vec<String>, String)> {
    let cells = |line: &str| -> Vec<String> {
        let cells = line.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    };
    let names = |cell: &str| -> Vec<String> {
        let quoted = cell.split('`').skip(1).step_by(2);
        quoted.map(str::to_owned).collect()
    };
    DOCUMENT
        .lines()
        .filter(|line| line.starts_with("| `bondhub "))
        .map(cells)
        .map(|row| {
            let command = row[0]
                .trim_matches('`')
                .strip_prefix("bondhub ")
                .unwrap()
                .to_owned();
            (command, names(&row[1]), row[1].clone())
        })
        .collect()
}

#[test]
fn each_command_names_its_operations_or_the_reason_why_there_is_none() {
    let mut expected = BTreeSet::new();
    commands(&Cli::command(), "", &mut expected);
    assert!(
        expected.contains("party cert add") && expected.contains("balance"),
        "{expected:?}"
    );
    let rows = rows();
    let written: BTreeSet<String> = rows.iter().map(|(command, ..)| command.clone()).collect();
    assert_eq!(written.len(), rows.len(), "a command stands there twice");
    assert_eq!(written, expected);
    let operations: BTreeSet<&str> = api::table().iter().map(|route| route.id).collect();
    for (command, named, cell) in &rows {
        let reason = cell
            .strip_prefix("— ")
            .is_some_and(|reason| reason.len() > 10);
        assert!(named.is_empty() == reason, "{command}: {cell}");
        for name in named {
            assert!(
                operations.contains(name.as_str()),
                "{command}: no operation {name}"
            );
        }
    }
}

#[test]
fn each_operation_is_in_the_table_or_among_those_that_only_programs_need() {
    let line = DOCUMENT
        .lines()
        .find(|line| line.starts_with("Only the API has "));
    let only = line.unwrap().split('`').skip(1).step_by(2);
    let mut named: BTreeSet<String> = only.map(str::to_owned).collect();
    named.extend(rows().into_iter().flat_map(|(_, names, _)| names));
    for route in api::table() {
        assert!(
            named.contains(route.id),
            "{} {} {}",
            route.method,
            route.path,
            route.id
        );
    }
}
