//! The audit log: one chain, whoever appends to it.

use std::sync::Arc;

use bondhub_core::{
    audit::{Act, Actor, AuditEntry, Check, Finding, Head, Link, SignedHead, Verifier, verify_log},
    ports::store::{AuditFilter, Commit, Resolution, Store},
};

use super::{Database, samples::*};

fn entry(second: i64, subject: &str) -> AuditEntry {
    let actor = Actor::CommandLine("keiko".to_owned());
    AuditEntry::new(at(second), actor, Act::BondMoved, subject).with("second", second)
}

fn public(second: i64) -> AuditEntry {
    AuditEntry::new(at(second), Actor::Hub, Act::TaskOpened, "case:\u{0}x")
}

async fn all(store: &Arc<dyn Store>) -> Vec<Link> {
    store.audit_links(&AuditFilter::default()).await.unwrap()
}

async fn verify(store: &Arc<dyn Store>) -> Check {
    let head = store.audit_head().await.unwrap();
    let mut verifier = Verifier::new(Head::START, [head]);
    for link in all(store).await {
        verifier.read(&link);
    }
    verifier.finish()
}

pub async fn the_chain_begins_before_its_first_entry(database: Arc<dyn Database>) {
    let store = database.open().await;
    assert_eq!(store.audit_head().await.unwrap(), Head::START);
    assert!(all(&store).await.is_empty());
}

pub async fn recorded_entries_are_linked_in_order(database: Arc<dyn Database>) {
    let store = database.open().await;
    store
        .record(&[entry(1, "bond:S1/1"), public(2)])
        .await
        .unwrap();
    store.record(&[entry(3, "bond:S1/2")]).await.unwrap();
    store.record(&[]).await.unwrap();
    let check = verify(&store).await;
    assert_eq!(check.findings, []);
    assert_eq!((check.entries, check.heads_met), (3, 1));
    let links = all(&store).await;
    assert!(links[1].private.is_none());
    let salts: Vec<_> = [0, 2]
        .map(|at| links[at].private.clone().unwrap().salt)
        .into();
    assert_eq!(salts[0].len(), 32);
    assert_ne!(salts[0], salts[1]);
    for (link, given) in links
        .iter()
        .zip([entry(1, "bond:S1/1"), public(2), entry(3, "bond:S1/2")])
    {
        let (before, after) = given.around();
        assert!(link.entry.starts_with(&before) && link.entry.ends_with(&after));
    }
}

pub async fn a_commit_tells_and_a_conflict_tells_nothing(database: Arc<dyn Database>) {
    let store = database.open().await;
    let told = Commit {
        audit: vec![entry(1, "case:1"), entry(1, "case:1")],
        ..commit(vec![case("1", 0)])
    };
    store.commit(&told).await.unwrap();
    assert!(is_conflict(&store.commit(&told).await));
    assert_eq!(all(&store).await.len(), 2);
    assert!(verify(&store).await.is_whole());
}

pub async fn concurrent_hubs_write_one_chain(database: Arc<dyn Database>) {
    let hubs = [database.open().await, database.open().await];
    let writers = (0_i64..20).map(|number| {
        let store = Arc::clone(&hubs[usize::from(number % 2 == 1)]);
        tokio::spawn(async move {
            let entries = [entry(number, "bond:S1/1"), public(number)];
            store.record(&entries).await.unwrap();
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let check = verify(&hubs[0]).await;
    assert_eq!(check.findings, []);
    assert_eq!(check.entries, 40);
}

pub async fn entries_are_listed_as_filtered(database: Arc<dyn Database>) {
    let store = database.open().await;
    let entries = (1..=6).map(|second| entry(second, &format!("bond:S1/{}", second % 2)));
    store.record(&entries.collect::<Vec<_>>()).await.unwrap();
    let numbers = async |filter: AuditFilter| {
        let links = store.audit_links(&filter).await.unwrap();
        links.iter().map(|link| link.sequence).collect::<Vec<_>>()
    };
    let of_one = AuditFilter {
        subject: Some("bond:S1/1".to_owned()),
        ..AuditFilter::default()
    };
    assert_eq!(numbers(of_one).await, [1, 3, 5]);
    let between = AuditFilter {
        from: Some(at(2)),
        to: Some(at(5)),
        ..AuditFilter::default()
    };
    assert_eq!(numbers(between).await, [2, 3, 4]);
    let page = AuditFilter {
        after: 2,
        limit: 3,
        ..AuditFilter::default()
    };
    assert_eq!(numbers(page).await, [3, 4, 5]);
}

pub async fn purged_details_leave_a_whole_chain(database: Arc<dyn Database>) {
    let store = database.open().await;
    store
        .record(&[entry(1, "a"), entry(2, "a"), entry(9, "a")])
        .await
        .unwrap();
    let told = AuditEntry::new(at(10), Actor::Hub, Act::DetailsPurged, "audit");
    assert_eq!(store.purge_details(at(5), &told).await.unwrap(), 2);
    assert_eq!(store.purge_details(at(5), &told).await.unwrap(), 0);
    let check = verify(&store).await;
    assert_eq!(check.findings, []);
    assert_eq!((check.entries, check.purged), (4, 2));
    let last = all(&store).await.pop().unwrap();
    assert!(last.entry.contains("\"details\":{\"entries\":2}"));
}

pub async fn a_head_is_signed_once_a_day(database: Arc<dyn Database>) {
    let store = database.open().await;
    store.record(&[entry(1, "a")]).await.unwrap();
    let signed = |number: u32, signature: &str| SignedHead {
        head: Head {
            sequence: 1,
            hash: [7; 32],
        },
        day: day(number),
        at: at(i64::from(number)),
        signature: signature.to_owned(),
    };
    let told = told(at(9));
    let keep = async |head| store.keep_signed_head(&head, &told).await.unwrap();
    assert!(keep(signed(2, "b")).await);
    assert!(!keep(signed(2, "c")).await);
    assert!(keep(signed(1, "a")).await);
    assert_eq!(all(&store).await.len(), 3, "what was not kept is not told");
    let kept = store.signed_heads().await.unwrap();
    assert_eq!(kept, [signed(1, "a"), signed(2, "b")]);
}

pub async fn a_change_of_a_party_is_told_if_it_changed_something(database: Arc<dyn Database>) {
    let store = database.open().await;
    let told = [entry(1, "party:C1")];
    store.put_party(&a_party("C1"), at(1), &told).await.unwrap();
    let certificate = certificate("C1", "AAAA");
    for _ in 0..2 {
        store.add_certificate(&certificate, &told).await.unwrap();
    }
    for _ in 0..2 {
        store
            .revoke_certificate(&party("C1"), "AAAA", at(2), &told)
            .await
            .unwrap();
    }
    store
        .put_signing(&signing("C1", "ff"), &told)
        .await
        .unwrap();
    for _ in 0..2 {
        store
            .revoke_signing(&party("C1"), "ff", at(2), &told)
            .await
            .unwrap();
    }
    assert_eq!(all(&store).await.len(), 5);
    let refused = store.put_signing(&signing("C9", "ff"), &told).await;
    assert!(is_refused(&refused.map(drop)));
    let absent = id(77);
    store.mark_resubmitted(absent, at(1), &told).await.unwrap();
    store
        .resolve(absent, Resolution::Resend, at(1), &told)
        .await
        .unwrap();
    assert_eq!(all(&store).await.len(), 5);
    assert!(verify(&store).await.is_whole());
}

/// What somebody does to the audit log with SQL, its triggers gone, and what verifying finds.
pub struct Tampering {
    /// What is done.
    pub sql: &'static str,
    /// What is found.
    pub found: &'static [Finding],
}

/// Each on a log of seven entries: the head was signed at the sixth, and the seventh tells it.
pub const TAMPERINGS: &[Tampering] = &[
    Tampering {
        sql: "UPDATE audit_entry SET entry = replace(entry, '\"second\":3', '\"second\":4') WHERE sequence = 3",
        found: &[Finding::Changed { sequence: 3 }],
    },
    Tampering {
        sql: "DELETE FROM audit_entry WHERE sequence = 3",
        found: &[Finding::Missing { from: 3, to: 3 }],
    },
    Tampering {
        sql: "DELETE FROM audit_entry WHERE sequence > 4",
        found: &[Finding::Missing { from: 5, to: 7 }],
    },
    // Cut off, and the store's own head with it: the signed head tells.
    Tampering {
        sql: "DELETE FROM audit_entry WHERE sequence > 4; UPDATE audit_head \
              SET sequence = 4, hash = (SELECT hash FROM audit_entry WHERE sequence = 4)",
        found: &[Finding::Missing { from: 5, to: 6 }],
    },
    Tampering {
        sql: "DELETE FROM audit_entry; UPDATE audit_head SET sequence = 0",
        found: &[
            Finding::ForeignHead { sequence: 0 },
            Finding::Missing { from: 1, to: 6 },
        ],
    },
    // Two entries in each other's place.
    Tampering {
        sql: "UPDATE audit_entry SET sequence = 99 WHERE sequence = 3; \
              UPDATE audit_entry SET sequence = 3 WHERE sequence = 4; \
              UPDATE audit_entry SET sequence = 4 WHERE sequence = 99",
        found: &[
            Finding::Changed { sequence: 3 },
            Finding::Changed { sequence: 4 },
            Finding::Changed { sequence: 5 },
        ],
    },
    // One entry a second time, in the place of another.
    Tampering {
        sql: "UPDATE audit_entry SET (entry, hash) = \
              (SELECT entry, hash FROM audit_entry WHERE sequence = 3) WHERE sequence = 4",
        found: &[
            Finding::Changed { sequence: 4 },
            Finding::Changed { sequence: 5 },
        ],
    },
    Tampering {
        sql: "UPDATE audit_detail SET content = replace(content, 'keiko', 'kenji') WHERE sequence = 2",
        found: &[Finding::DetailsChanged { sequence: 2 }],
    },
    // The store's head is another one than the signed one for the same entry.
    Tampering {
        sql: "UPDATE audit_head SET hash = (SELECT hash FROM audit_entry WHERE sequence = 5)",
        found: &[Finding::ForeignHead { sequence: 7 }],
    },
    // A row behind the head that nobody appended.
    Tampering {
        sql: "INSERT INTO audit_entry SELECT 8, at, subject, entry, hash FROM audit_entry WHERE sequence = 7",
        found: &[
            Finding::Changed { sequence: 8 },
            Finding::BeyondHead { from: 8, to: 8 },
        ],
    },
    // The head moved back, its rows left.
    Tampering {
        sql: "UPDATE audit_head SET sequence = 4, \
              hash = (SELECT hash FROM audit_entry WHERE sequence = 4)",
        found: &[Finding::BeyondHead { from: 5, to: 7 }],
    },
    // Purging is no tampering (R72).
    Tampering {
        sql: "DELETE FROM audit_detail",
        found: &[],
    },
];

/// Fills a log, lets `tamper` loose on it, and verifies what is left.
pub async fn tampering_is_found(
    store: &Arc<dyn Store>,
    tampering: &Tampering,
    tamper: impl AsyncFn(&str),
) {
    let entries: Vec<_> = (1..=6).map(|second| entry(second, "bond:S1/1")).collect();
    store.record(&entries).await.unwrap();
    let signed = SignedHead {
        head: store.audit_head().await.unwrap(),
        day: day(1),
        at: at(7),
        signature: String::new(),
    };
    let told = told(at(7));
    assert!(store.keep_signed_head(&signed, &told).await.unwrap());
    let whole = verify_log(store.as_ref(), &[]).await.unwrap();
    assert!(whole.check.is_whole());
    tamper(tampering.sql).await;
    let verified = verify_log(store.as_ref(), &[]).await.unwrap();
    let findings = verified.check.findings;
    assert_eq!(findings, tampering.found, "{}", tampering.sql);
}
