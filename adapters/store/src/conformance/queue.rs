//! The signing queue (R12).

use std::sync::Arc;

use bondhub_core::{
    party::Role,
    ports::store::{
        ClosedRequest, RequestSignature, RequestState, SigningRequest, Store, StoreError,
    },
};

use super::{Database, samples::*};

/// A key that waits, with this sealed secret.
pub(super) fn sealed_request(kid: &str, edition: u32, sealed: Vec<u8>) -> SigningRequest {
    SigningRequest {
        sealed,
        ..request(kid, "B-1", edition, 0)
    }
}

fn request(kid: &str, number: &str, edition: u32, since: i64) -> SigningRequest {
    SigningRequest {
        kid: kid.to_owned(),
        procurement: procurement("P-1"),
        bond: bond_id(number),
        version: 1,
        edition,
        role: Role::Contractor,
        holder: party("C1"),
        digest: vec![1, 2, 3],
        statement: b"{\"typ\":\"bondkey\"}".to_vec(),
        sealed: vec![1, 0, 255],
        signature: None,
        state: RequestState::Waiting,
        requested_at: at(since),
    }
}

fn signature(kid: &str) -> RequestSignature {
    RequestSignature {
        kid: kid.to_owned(),
        cms: vec![0x30, 0, 255],
    }
}

fn closed(request: &SigningRequest, state: RequestState) -> ClosedRequest {
    ClosedRequest {
        name: request.name(),
        state,
    }
}

/// The names of what waits for an issuer.
async fn waiting(store: &dyn Store, issuer: &str) -> Vec<String> {
    let rows = store.requests_waiting(&party(issuer), 10).await.unwrap();
    rows.into_iter().map(|row| row.kid).collect()
}

async fn read(store: &dyn Store, kid: &str) -> SigningRequest {
    store.request(kid).await.unwrap().unwrap()
}

async fn ask(store: &dyn Store, requests: Vec<SigningRequest>) {
    commit_to_case(store, |commit| commit.requests = requests).await;
}

pub async fn a_key_that_waits_for_its_signature_reads_back(database: Arc<dyn Database>) {
    let store = database.open().await;
    let asked = request("KID1", "B-1", 1, 3);
    ask(store.as_ref(), vec![asked.clone()]).await;
    let store = database.open().await;
    assert_eq!(store.request("KID1").await.unwrap(), Some(asked.clone()));
    assert_eq!(store.request("KID2").await.unwrap(), None);
    let of = |case: &str| procurement(case);
    assert_eq!(store.requests_of(&of("P-1")).await.unwrap(), [asked]);
    assert_eq!(store.requests_of(&of("P-2")).await.unwrap(), []);
}

pub async fn what_waits_comes_oldest_first_and_only_for_its_issuer(database: Arc<dyn Database>) {
    let store = database.open().await;
    let mut other = request("KID0", "B-1", 1, 1);
    other.bond.issuer = party("S2");
    let requests = vec![
        request("KID2", "B-2", 1, 5),
        request("KID1", "B-1", 1, 4),
        request("KID3", "B-3", 1, 6),
        other,
    ];
    ask(store.as_ref(), requests).await;
    let store = store.as_ref();
    assert_eq!(waiting(store, "S1").await, ["KID1", "KID2", "KID3"]);
    assert_eq!(waiting(store, "S2").await, ["KID0"]);
    assert_eq!(waiting(store, "S3").await, [""; 0]);
    let first = store.requests_waiting(&party("S1"), 1).await.unwrap();
    assert_eq!(first.len(), 1);
}

pub async fn a_signed_key_waits_no_more_and_keeps_its_secret_until_it_is_issued(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let asked = request("KID1", "B-1", 1, 3);
    ask(store.as_ref(), vec![asked.clone()]).await;
    commit_to_case(store.as_ref(), |commit| {
        commit.signatures = vec![signature("KID1")];
    })
    .await;
    let store = store.as_ref();
    let signed = SigningRequest {
        signature: Some(signature("KID1").cms),
        state: RequestState::Signed,
        ..asked
    };
    assert_eq!(read(store, "KID1").await, signed);
    assert_eq!(waiting(store, "S1").await, [""; 0]);
    assert_eq!(
        store.requests_of(&procurement("P-1")).await.unwrap(),
        [signed]
    );
}

pub async fn a_key_that_was_issued_or_overtaken_has_no_secret_any_more(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let (one, other) = (request("KID1", "B-1", 1, 3), request("KID2", "B-2", 1, 4));
    ask(store.as_ref(), vec![one.clone(), other.clone()]).await;
    commit_to_case(store.as_ref(), |commit| {
        commit.signatures = vec![signature("KID1")];
        commit.closed_requests = vec![
            closed(&one, RequestState::Issued),
            closed(&other, RequestState::Overtaken),
        ];
    })
    .await;
    let store = store.as_ref();
    let (issued, overtaken) = (read(store, "KID1").await, read(store, "KID2").await);
    assert_eq!(
        (issued.state, issued.sealed.len()),
        (RequestState::Issued, 0)
    );
    assert_eq!(issued.signature, Some(signature("KID1").cms));
    assert_eq!(
        (overtaken.state, overtaken.sealed.len()),
        (RequestState::Overtaken, 0)
    );
    assert_eq!(waiting(store, "S1").await, [""; 0]);
    assert_eq!(store.requests_of(&procurement("P-1")).await.unwrap(), []);
}

pub async fn a_key_that_left_the_queue_is_neither_signed_nor_closed_again(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let asked = request("KID1", "B-1", 1, 3);
    ask(store.as_ref(), vec![asked.clone()]).await;
    for state in [RequestState::Overtaken, RequestState::Issued] {
        commit_to_case(store.as_ref(), |commit| {
            commit.closed_requests = vec![closed(&asked, state)];
            commit.signatures = if state == RequestState::Issued {
                vec![signature("KID1")]
            } else {
                Vec::new()
            };
        })
        .await;
    }
    let row = read(store.as_ref(), "KID1").await;
    assert_eq!(
        (row.state, row.signature, row.sealed.len()),
        (RequestState::Overtaken, None, 0)
    );
}

pub async fn a_key_asked_for_twice_is_refused(database: Arc<dyn Database>) {
    let store = database.open().await;
    ask(store.as_ref(), vec![request("KID1", "B-1", 1, 3)]).await;
    for again in [request("KID1", "B-2", 1, 3), request("KID2", "B-1", 1, 3)] {
        let mut commit = commit(vec![case("P-1", 1)]);
        commit.requests = vec![again];
        let outcome: Result<(), StoreError> = store.commit(&commit).await;
        assert!(is_refused(&outcome), "{outcome:?}");
    }
}
