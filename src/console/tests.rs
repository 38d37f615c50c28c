//! What holds for every template and text.

use std::collections::BTreeSet;

use bondhub_core::{
    bond::{BondKind, BondState, Instrument, Medium},
    inquiry::Stage,
    matching::Grade,
    party::Role,
    task::TaskKind,
};

use super::{navigation::NAVIGATION, templates::TEMPLATES, *};

/// What stands between `before` and the next `after`, each time.
fn all_between<'a>(text: &'a str, before: &str, after: char) -> Vec<&'a str> {
    let parts = text.split(before).skip(1);
    parts
        .filter_map(|part| Some(part.split_once(after)?.0))
        .collect()
}

#[test]
fn no_template_uses_a_text_that_is_not_there() {
    let catalogue = Catalogue::new().unwrap();
    for (name, text) in TEMPLATES {
        // Macros for fields (`text`, `select`) and a filter end like the function for a text.
        let others = ["text(\"", "select(\"", "default(\""];
        let text = others
            .iter()
            .fold((*text).to_owned(), |text, other| text.replace(other, ""));
        for key in all_between(&text, "t(\"", '"') {
            // A key that ends with a dot is completed by a value: the next test asks for each.
            assert!(key.ends_with('.') || catalogue.has(key), "{name}: {key}");
        }
    }
}

#[test]
fn each_value_that_completes_a_key_has_its_text() {
    let catalogue = Catalogue::new().unwrap();
    let states = BondState::ALL.map(|state| format!("bond_state.{}", state.as_str()));
    let tasks = TaskKind::ALL.into_iter().chain(TaskKind::OWN);
    let tasks: Vec<_> = tasks
        .map(|kind| format!("task.{}", kind.as_str()))
        .collect();
    let kinds = [
        BondKind::Bid,
        BondKind::PerformanceReservation,
        BondKind::Performance,
    ]
    .map(|kind| format!("bond_kind.{}", kind.as_str()));
    let instruments = [
        Instrument::SuretyBond,
        Instrument::Insurance,
        Instrument::BankGuarantee,
        Instrument::ContractGuarantee,
    ]
    .map(|one| format!("instrument.{}", one.as_str()));
    let media = [Medium::Electronic, Medium::Paper].map(|one| format!("medium.{}", one.as_str()));
    let roles =
        [Role::Issuer, Role::Contractor, Role::Owner].map(|role| format!("role.{}", role.as_str()));
    let parts = ["act_do", "act_title", "act_lead", "act_final"];
    let acts: Vec<String> = acts::Act::all()
        .flat_map(|act| parts.map(|part| format!("{part}.{}", act.word())))
        .collect();
    let of_cases = Stage::ALL.map(|stage| format!("stage.{}", stage.as_str()));
    let grades = [Grade::Ok, Grade::Curable, Grade::Fatal];
    let grades = grades.map(|grade| format!("match.{}", grade.as_str()));
    let all = [
        states.as_slice(),
        &acts,
        &of_cases,
        &grades,
        &tasks,
        &kinds,
        &instruments,
        &media,
        &roles,
    ]
    .concat();
    for key in all {
        assert!(catalogue.has(&key), "{key}");
    }
}

#[test]
fn no_template_carries_a_script_or_a_style_that_the_policy_would_refuse() {
    for (name, text) in TEMPLATES {
        assert!(!text.contains(" style="), "{name}");
        for script in all_between(text, "<script", '>') {
            assert!(
                script.contains("src=\"{{ app_path }}\"") || script.contains("_path }}"),
                "{name}: {script}"
            );
        }
        for attribute in all_between(text, " on", '=') {
            let handler =
                !attribute.is_empty() && attribute.chars().all(|c| c.is_ascii_lowercase());
            assert!(!handler, "{name}: on{attribute}");
        }
    }
}

#[test]
fn each_form_that_posts_carries_its_token() {
    for (name, text) in TEMPLATES {
        let forms = text.matches("method=\"post\"").count();
        let tokens =
            text.matches("name=\"form_token\"").count() + text.matches("token(page)").count();
        let macros = text.matches("macro token(page)").count() * 2;
        assert_eq!(forms, tokens - macros, "{name}");
    }
}

#[test]
fn the_navigation_leads_to_pages_that_let_the_visitor_in() {
    let routes = routes();
    for (path, _, access) in NAVIGATION {
        let route = routes.iter().find(|route| route.path == *path);
        assert_eq!(route.map(|route| route.access), Some(*access), "{path}");
    }
}

#[test]
fn no_two_routes_are_the_same() {
    let routes = routes();
    let distinct: BTreeSet<_> = routes
        .iter()
        .map(|route| (route.path, route.method.as_str()))
        .collect();
    assert_eq!(distinct.len(), routes.len());
}

/// WCAG 3.2.2: changing a field sends nothing by itself, or whoever chooses with the keyboard never gets past the first option.
#[test]
fn no_script_sends_a_form_because_a_field_changed() {
    let scripts = [
        include_str!("assets/app.js"),
        include_str!("assets/passkey.js"),
    ];
    for script in scripts {
        assert!(!script.contains("requestSubmit"), "{script}");
        assert!(!script.contains("\"change\", ()"), "{script}");
    }
}
