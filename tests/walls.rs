//! The walls of the house: who may depend on whom. A change that needs a hole in a wall changes
//! `ARCHITECTURE.md` first.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand, Package};

/// All that may be linked into the core: serialisation, time, digests, errors. Nothing that can
/// open a file or a socket, read a clock, or draw a random number. (`libc` tells features of the
/// processor to `cpufeatures` on some machines.)
const CORE_MAY_USE: &[&str] = &[
    "async-trait",
    "autocfg",
    "base64",
    "block-buffer",
    "bondhub-core",
    "cfg-if",
    "chrono",
    "const-oid",
    "cpufeatures",
    "crypto-common",
    "digest",
    "hybrid-array",
    "itoa",
    "libc",
    "memchr",
    "num-traits",
    "proc-macro2",
    "quote",
    "ryu-js",
    "serde",
    "serde_core",
    "serde_derive",
    "serde_json",
    "serde_json_canonicalizer",
    "serde_path_to_error",
    "sha2",
    "subtle",
    "syn",
    "thiserror",
    "thiserror-impl",
    "typenum",
    "unicode-ident",
    "uuid",
    "zeroize",
    "zmij",
];

/// Ways out that the standard library offers.
const CORE_MUST_NOT_NAME: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "Utc::now",
    "SystemTime",
    "Instant::now",
];

/// Each outside library has one owner; what its types are called stays there.
const OWNERS: &[(&str, &[&str])] = &[
    // The benchmark asks the router for pages without a network between.
    ("axum", &["bondhub", "bondhub-bench"]),
    ("cryptoki", &["bondhub-signing"]),
    ("krilla", &["bondhub-pdf"]),
    ("lapin", &["bondhub-amqp", "bondhub-test-support"]),
    ("lettre", &["bondhub-mail"]),
    ("openssl", &["bondhub-passkey", "bondhub-signing"]),
    (
        "sequoia-openpgp",
        &["bondhub-openpgp", "bondhub-test-support"],
    ),
    (
        "sqlx",
        &[
            "bondhub-store",
            "bondhub-store-postgres",
            "bondhub-store-sqlite",
        ],
    ),
];

const MOST_LINES: usize = 500;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn workspace() -> Metadata {
    let mut command = MetadataCommand::new();
    command.current_dir(root()).no_deps();
    command.exec().expect("cargo metadata answers")
}

/// The path of a package's directory below the root; empty for the root package.
fn place(package: &Package) -> String {
    let directory = package
        .manifest_path
        .parent()
        .expect("a manifest lies in a directory");
    let place = directory.as_std_path().strip_prefix(root());
    place
        .expect("packages lie below the root")
        .display()
        .to_string()
}

fn ours(dependencies: &[Dependency]) -> impl Iterator<Item = &Dependency> {
    dependencies.iter().filter(|one| one.path.is_some())
}

/// All Rust files below these directories of the project: name and text.
fn sources(directories: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for directory in directories {
        collect(&root().join(directory), &mut found).expect("the project can be read");
    }
    assert!(!found.is_empty(), "nothing below {directories:?}");
    found
}

fn collect(directory: &Path, found: &mut Vec<(String, String)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).unwrap_or(&path);
            found.push((name.display().to_string(), std::fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

/// The adapters and queues that a text names, as Rust writes their crates.
fn adapters_named(text: &str, metadata: &Metadata) -> BTreeSet<String> {
    metadata
        .workspace_packages()
        .into_iter()
        .filter(|package| is_adapter(package))
        .map(|package| package.name.replace('-', "_"))
        .filter(|name| names_crate(text, name))
        .collect()
}

fn names_crate(text: &str, name: &str) -> bool {
    let outside = |c: char| !c.is_alphanumeric() && c != '_';
    text.split(outside).any(|word| word == name)
}

fn is_adapter(package: &Package) -> bool {
    let place = place(package);
    place.starts_with("adapters/") || place.starts_with("queues/")
}

#[test]
fn the_core_depends_on_no_crate_of_ours() {
    let metadata = workspace();
    let packages = metadata.workspace_packages();
    let core = packages
        .iter()
        .find(|one| one.name == "bondhub-core")
        .unwrap();
    let ours: Vec<_> = ours(&core.dependencies).map(|one| &one.name).collect();
    assert_eq!(ours, Vec::<&String>::new());
}

#[test]
fn all_that_is_linked_into_the_core_is_on_the_list() {
    // Features unified over the workspace would link more than the core asks for.
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .env_remove("CARGO_RESOLVER_FEATURE_UNIFICATION")
        .env_remove("CARGO_UNSTABLE_FEATURE_UNIFICATION")
        .args(["tree", "-p", "bondhub-core", "--edges", "normal,build"])
        .args(["--prefix", "none", "--no-dedupe", "--format", "{p}"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let linked: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    let allowed: BTreeSet<_> = CORE_MAY_USE.iter().copied().collect();
    let surprises: Vec<_> = linked.difference(&allowed).collect();
    assert_eq!(surprises, Vec::<&&str>::new(), "new in the core's closure");
    assert!(linked.contains("bondhub-core"), "{text}");
}

#[test]
fn the_core_names_no_way_out() {
    for (name, text) in sources(&["src/core"]) {
        for way_out in CORE_MUST_NOT_NAME {
            assert!(!text.contains(way_out), "{name} names {way_out}");
        }
    }
}

#[test]
fn adapters_and_queues_depend_on_the_core_only_and_stores_on_what_stores_share() {
    for package in workspace().workspace_packages() {
        if !is_adapter(package) {
            continue;
        }
        for dependency in ours(&package.dependencies) {
            let is_store = package.name.starts_with("bondhub-store-");
            let for_tests = dependency.kind == DependencyKind::Development;
            let allowed = match dependency.name.as_str() {
                "bondhub-core" => true,
                "bondhub-store" => is_store,
                "bondhub-test-support" => for_tests,
                _ => false,
            };
            assert!(allowed, "{} depends on {}", package.name, dependency.name);
        }
    }
}

#[test]
fn each_outside_library_has_one_owner() {
    let metadata = workspace();
    for (library, owners) in OWNERS {
        for package in metadata.workspace_packages() {
            let uses = package.dependencies.iter().any(|one| one.name == *library);
            let may = owners.contains(&package.name.as_str());
            assert!(
                may || !uses,
                "{} uses {library}, which {owners:?} own",
                package.name
            );
        }
    }
}

#[test]
fn only_the_assembly_names_two_adapters() {
    let metadata = workspace();
    for (name, text) in sources(&["src"]) {
        let named = adapters_named(&text, &metadata);
        let may = name.starts_with("src/assemble");
        assert!(may || named.len() < 2, "{name} names {named:?}");
    }
}

#[test]
fn the_core_names_no_adapter() {
    let metadata = workspace();
    for (name, text) in sources(&["src/core"]) {
        let named = adapters_named(&text, &metadata);
        assert!(named.is_empty(), "{name} names {named:?}");
    }
}

#[test]
fn no_file_is_too_long_to_be_read_in_one_go() {
    for (name, text) in sources(&["src", "adapters", "queues", "tests"]) {
        let lines = text.lines().count();
        assert!(
            lines <= MOST_LINES,
            "{name} has {lines} lines, at most {MOST_LINES} are read"
        );
    }
}

#[test]
fn a_module_is_a_file_of_its_name() {
    for (name, _) in sources(&["src", "adapters", "queues", "tests"]) {
        assert!(
            !name.ends_with("/mod.rs"),
            "{name}: write foo.rs beside foo/"
        );
    }
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for package in workspace().workspace_packages() {
        let text = std::fs::read_to_string(&package.manifest_path).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        let lints = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"));
        let taken = lints.and_then(toml::Value::as_bool) == Some(true);
        assert!(taken, "{} has no [lints] workspace = true", package.name);
    }
}

#[test]
fn every_library_warns_of_public_items_without_documentation() {
    for package in workspace().workspace_packages() {
        for target in package.targets.iter().filter(|target| target.is_lib()) {
            let text = std::fs::read_to_string(Path::new(&target.src_path)).unwrap();
            let warns = text.contains("#![warn(missing_docs)]");
            assert!(warns, "{} does not warn", target.src_path);
        }
    }
}

/// Two migrations of one number end every new database: each number is taken once, by twins of one name.
#[test]
fn each_number_of_a_migration_is_taken_once_and_by_twins() {
    let names = |database: &str| {
        let folder = root().join("migrations").join(database);
        let files = folder.read_dir().unwrap();
        let mut names: Vec<_> = files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let (postgres, sqlite) = (names("postgres"), names("sqlite"));
    assert_eq!(postgres, sqlite, "twins");
    let numbers: BTreeSet<_> = postgres.iter().map(|name| name.split('_').next()).collect();
    assert_eq!(
        numbers.len(),
        postgres.len(),
        "a number twice: {postgres:?}"
    );
}
