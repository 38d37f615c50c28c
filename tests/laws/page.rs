//! `docs/rules.md` names a test for each statement: the tests exist.

const PAGE: &str = include_str!("../../docs/rules.md");

const TESTS: [&str; 21] = [
    include_str!("../../src/core/matching/tests.rs"),
    include_str!("../../src/core/procurement/tests.rs"),
    include_str!("../../src/core/reconcile/tests/bidding.rs"),
    include_str!("../../src/core/reconcile/tests/change.rs"),
    include_str!("../../src/core/reconcile/tests/contract.rs"),
    include_str!("../../src/core/reconcile/tests/ending.rs"),
    include_str!("../../src/core/reconcile/tests/keys.rs"),
    include_str!("../../src/core/reconcile/tests/lots.rs"),
    include_str!("../../src/core/reconcile/tests/matches.rs"),
    include_str!("../../src/core/reconcile/tests/opening.rs"),
    include_str!("../../src/core/reconcile/tests/outstanding.rs"),
    include_str!("../../src/core/reconcile/tests/signing.rs"),
    include_str!("../../src/core/reconcile/tests/telling.rs"),
    include_str!("../../src/core/reconcile/tests/waits.rs"),
    include_str!("keys.rs"),
    include_str!("ledger.rs"),
    include_str!("order.rs"),
    include_str!("settling.rs"),
    include_str!("signing.rs"),
    include_str!("storage.rs"),
    include_str!("telling.rs"),
];

/// The names in backquotes that read like a test: a sentence of at least five words.
fn named() -> impl Iterator<Item = &'static str> {
    let quoted = PAGE.split('`').skip(1).step_by(2);
    let names = quoted.map(|name| name.rsplit("::").next().unwrap_or(name));
    names.filter(|name| name.matches('_').count() >= 4)
}

#[test]
fn each_test_that_the_page_of_rules_names_exists() {
    let exists = |name: &str| {
        TESTS
            .iter()
            .any(|text| text.contains(&format!("fn {name}(")))
    };
    let missing: Vec<&str> = named().filter(|name| !exists(name)).collect();
    assert_eq!(missing, [""; 0]);
    assert!(named().count() > 90, "{}", named().count());
}
