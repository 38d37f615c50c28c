//! Issuers whose token stays at their desk (R12), and keys that go by hand (R14).

use bondhub::{
    assemble::{self, DemoIssuer, demo_issuer},
    desk::{ByHand, DeskError, SignatureOutcome, Submitted},
    vault::OpenRefusal,
};
use bondhub_core::{
    account::Viewer,
    identifier::{BondId, PartyCode},
    key::KeyFile,
    matching::Grade,
    party::{Language, Role},
    ports::store::{RequestState, SigningRequest},
};
use bondhub_test_support::openpgp::TestParty;
use chrono::TimeDelta;
use serde_json::json;

use crate::harness::{
    cast::{self, LOSER, OWNER, WINNER},
    combination::{Combination, POSTGRES_SPOOL, SQLITE_SPOOL, stories},
    papers::{self, CASE, bond, event, registration, with},
    world::World,
};

stories! {
    an_issuer_signs_at_its_desk => super::at_the_desk;
}

/// An issuer that entrusts no key to the hub.
pub(crate) const DESK: &str = "S002";
const BOND: &str = "S002/D-1";
const NUMBER: &str = "D-1";

/// The issuer with the token, known to the hub by its certificate alone.
pub(crate) async fn desk_issuer(world: &World) -> DemoIssuer {
    let issuer = demo_issuer("Desk Surety", world.now() - TimeDelta::days(30)).unwrap();
    let party = cast::party(DESK, Role::Issuer, Language::En);
    world.desk.put_party(&party).await.unwrap();
    let code = PartyCode::parse(DESK).unwrap();
    world
        .desk
        .pin(&code, &issuer.certificate_pem)
        .await
        .unwrap();
    issuer
}

/// A document of the issuer about its bond, taken at once.
pub(crate) async fn document(world: &World, issuer: &DemoIssuer, kind: &str, amount: i64) {
    let now = world.now();
    let terms = bond(CASE, "bid", WINNER, amount);
    let paper = with(registration(NUMBER, terms, now), "issuer", DESK);
    let paper = with(paper, "type", kind);
    let cms = papers::sign(paper, issuer, now);
    world.desk.document(&cms).await.unwrap();
}

async fn waiting(world: &World) -> Vec<SigningRequest> {
    let code = PartyCode::parse(DESK).unwrap();
    world.desk.waiting_signatures(&code, 100).await.unwrap()
}

fn sign(request: &SigningRequest, issuer: &DemoIssuer, world: &World) -> Vec<u8> {
    issuer.sign(&request.statement, world.now()).unwrap()
}

/// Hands a signature in.
async fn submit(world: &World, block: Vec<u8>) -> SignatureOutcome {
    let submitted = world.desk.submit_signatures(None, &[block], false).await;
    let mut submitted: Vec<Submitted> = submitted.unwrap();
    submitted.pop().unwrap().outcome
}

/// Signs what waits: the outcomes.
async fn sign_waiting(world: &World, issuer: &DemoIssuer) -> Vec<SignatureOutcome> {
    let mut outcomes = Vec::new();
    for request in waiting(world).await {
        outcomes.push(submit(world, sign(&request, issuer, world)).await);
    }
    outcomes
}

fn refusal(outcome: SignatureOutcome) -> String {
    match outcome {
        SignatureOutcome::Refused(reason) => reason.to_string(),
        other => panic!("{other:?} is no refusal"),
    }
}

async fn request(world: &World, kid: &str) -> SigningRequest {
    world.store().request(kid).await.unwrap().unwrap()
}

async fn at_the_desk(on: Combination) {
    let world = World::start(on).await;
    let issuer = desk_issuer(&world).await;
    document(&world, &issuer, "registration", 6_000_000).await;
    assert_eq!(world.ledger().await.holders(BOND), [""; 0]);
    let asked = waiting(&world).await;
    assert_eq!(asked.len(), 1);
    refused_signatures(&world, &issuer, &asked[0]).await;

    let block = sign(&asked[0], &issuer, &world);
    let dry = world
        .desk
        .submit_signatures(None, std::slice::from_ref(&block), true);
    assert_eq!(dry.await.unwrap()[0].outcome, SignatureOutcome::Fits);
    assert_eq!(world.ledger().await.holders(BOND), [""; 0]);
    assert_eq!(
        submit(&world, block.clone()).await,
        SignatureOutcome::Issued
    );
    assert_eq!(submit(&world, block).await, SignatureOutcome::Duplicate);
    let row = request(&world, &asked[0].kid).await;
    assert_eq!((row.state, row.sealed.len()), (RequestState::Issued, 0));
    let sent = async || world.key_files(WINNER).len() == 1;
    world.eventually("the key is mailed", sent).await;
    let key = world.live_key(WINNER, BOND).await;
    let verified = assemble::verify_key(&key, None, Some(&issuer.certificate_pem), world.now());
    assert_eq!(verified.unwrap()["bond"], BOND);
    assert_eq!(world.desk.open(&key).await.unwrap().role, Role::Contractor);

    overtaken_by_an_update(&world, &issuer, &key).await;
}

/// What is no signature of this issuer under what waits changes nothing.
async fn refused_signatures(world: &World, issuer: &DemoIssuer, asked: &SigningRequest) {
    let others = sign(asked, &world.cast.issuer, world);
    let reason = refusal(submit(world, others).await);
    assert!(reason.contains("certificate"), "{reason}");
    let text = String::from_utf8(asked.statement.clone()).unwrap();
    let altered = text.replace("\"rev\":1", "\"rev\":2");
    assert_ne!(altered, text);
    let altered = issuer.sign(altered.as_bytes(), world.now()).unwrap();
    let reason = refusal(submit(world, altered).await);
    assert!(reason.contains("not what waits"), "{reason}");
    let unknown = text.replace(&asked.kid, "0000000000000000");
    let unknown = issuer.sign(unknown.as_bytes(), world.now()).unwrap();
    let reason = refusal(submit(world, unknown).await);
    assert!(reason.contains("no key 0000000000000000 waits"), "{reason}");
    let reason = refusal(submit(world, b"nonsense".to_vec()).await);
    assert!(reason.contains("no signed statement"), "{reason}");
    let foreign = PartyCode::parse("S001").unwrap();
    let own = [sign(asked, issuer, world)];
    let foreign = world.desk.submit_signatures(Some(&foreign), &own, false);
    let foreign = foreign.await.unwrap().pop().unwrap();
    assert!(refusal(foreign.outcome).contains("of this issuer"));
    assert_eq!(waiting(world).await, std::slice::from_ref(asked));
}

/// An update kills the live key at once; what waited for it is overtaken by the next one.
async fn overtaken_by_an_update(world: &World, issuer: &DemoIssuer, first: &[u8]) {
    document(world, issuer, "update", 7_000_000).await;
    let dead = world.desk.open(first).await;
    assert!(
        matches!(dead, Err(DeskError::Key(OpenRefusal::Revoked { .. }))),
        "{dead:?}"
    );
    let second = waiting(world).await.pop().unwrap();
    document(world, issuer, "update", 8_000_000).await;
    let third = waiting(world).await.pop().unwrap();
    assert_eq!((second.version, third.version), (2, 3));
    let gone = request(world, &second.kid).await;
    assert_eq!(
        (gone.state, gone.sealed.len()),
        (RequestState::Overtaken, 0)
    );
    let late = submit(world, sign(&second, issuer, world)).await;
    assert_eq!(late, SignatureOutcome::Overtaken);
    assert_eq!(world.ledger().await.holders(BOND), [""; 0]);
    assert_eq!(
        sign_waiting(world, issuer).await,
        [SignatureOutcome::Issued]
    );
    assert_eq!(world.ledger().await.holders(BOND), [WINNER]);
}

fn bond_id() -> BondId {
    BondId::try_from(BOND.to_owned()).unwrap()
}

/// The key that is handed out.
async fn take(world: &World, role: Role) -> Option<Vec<u8>> {
    match world
        .desk
        .issue_by_hand(&Viewer::at_the_command_line("keiko"), &bond_id(), role)
        .await
        .unwrap()
    {
        ByHand::Issued { key, certificate } => {
            assert!(certificate.is_some());
            Some(key.file.to_vec())
        }
        ByHand::WaitsForSignature { issuer } => {
            assert_eq!(issuer.as_str(), DESK);
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_by_hand_of_an_issuer_with_a_token_is_ready_when_it_is_signed() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::start(on).await;
        let issuer = desk_issuer(&world).await;
        document(&world, &issuer, "registration", 6_000_000).await;
        sign_waiting(&world, &issuer).await;
        assert_eq!(world.ledger().await.holders(BOND), [WINNER]);
        assert!(take(&world, Role::Contractor).await.is_none());
        assert_eq!(
            world.ledger().await.holders(BOND),
            [""; 0],
            "the key before is dead"
        );
        assert!(take(&world, Role::Contractor).await.is_none());
        assert_eq!(waiting(&world).await.len(), 1, "asked for once");
        assert_eq!(
            sign_waiting(&world, &issuer).await,
            [SignatureOutcome::Kept]
        );
        assert_eq!(world.ledger().await.holders(BOND), [""; 0]);
        let key = take(&world, Role::Contractor).await.unwrap();
        let look = world.desk.open(&key).await.unwrap();
        assert_eq!(look.role, Role::Contractor);
        let by_mail = world.key_files(WINNER);
        assert!(!by_mail.values().any(|file| *file == key));
        let again = take(&world, Role::Contractor).await;
        assert!(again.is_none(), "a further key must be signed first");
        assert!(world.desk.open(&key).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_signed_while_its_holder_has_no_certificate_is_kept_and_mailed_when_one_comes() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::start(on).await;
        let issuer = desk_issuer(&world).await;
        document(&world, &issuer, "registration", 6_000_000).await;
        let winner = PartyCode::parse(WINNER).unwrap();
        let book = world.store().book().await.unwrap();
        let old = book.certificates.iter().find(|one| one.party == winner);
        let fingerprint = old.unwrap().fingerprint.clone();
        let revoked = world.desk.revoke_certificate(&winner, &fingerprint);
        revoked.await.unwrap();
        assert_eq!(
            sign_waiting(&world, &issuer).await,
            [SignatureOutcome::Kept]
        );
        assert_eq!(world.ledger().await.holders(BOND), [""; 0]);
        let since = world.now() - TimeDelta::days(1);
        let reader = TestParty::new(&cast::address(WINNER), since).unwrap();
        cast::enrol(&world.desk, WINNER, &reader).await;
        let mailed = async || world.ledger().await.holders(BOND) == [WINNER];
        world.eventually("the key is issued", mailed).await;
        let view = world.store().bond(&bond_id()).await.unwrap().unwrap();
        let kid = &view.keys[0].key.kid;
        let row = request(&world, kid).await;
        assert_eq!((row.state, row.sealed.len()), (RequestState::Issued, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contractor_without_a_certificate_takes_its_key_by_hand_and_the_task_closes() {
    let mut world = World::start(SQLITE_SPOOL).await;
    let stranger = "C900";
    let party = cast::party(stranger, Role::Contractor, Language::Ja);
    world.desk.put_party(&party).await.unwrap();
    let now = world.now();
    let terms = bond(CASE, "bid", stranger, 6_000_000);
    world
        .play(&[world.signed(registration("B-9", terms, now))], 1)
        .await;
    let task = format!("{CASE} certificate_needed|wait:certificate:{stranger}");
    assert!(world.ledger().await.tasks.contains(&task));
    let id = BondId::try_from("S001/B-9".to_owned()).unwrap();
    let owner = world
        .desk
        .issue_by_hand(&Viewer::at_the_command_line("keiko"), &id, Role::Owner)
        .await;
    let reason = owner.err().unwrap().to_string();
    assert!(reason.contains("was not handed over"), "{reason}");
    let ByHand::Issued { key, certificate } = world
        .desk
        .issue_by_hand(&Viewer::at_the_command_line("keiko"), &id, Role::Contractor)
        .await
        .unwrap()
    else {
        panic!("the hub signs for this issuer");
    };
    assert!(!world.ledger().await.tasks.contains(&task));
    assert_eq!(key.name, "B-9.bondkey");
    let verified = assemble::verify_key(&key.file, None, certificate.as_deref(), world.now());
    assert_eq!(
        verified.unwrap()["holder"],
        format!("contractor:{stranger}")
    );
    world.desk.hand_over(&key.file).await.unwrap();
    world.quiet(3).await;
    assert_eq!(world.ledger().await.holders("S001/B-9"), [stranger, OWNER]);
    nothing_usable_is_kept(&world, &key.file);
    world.close().await;
}

/// Neither the token nor the secret of a key is anywhere in the hub's folder.
fn nothing_usable_is_kept(world: &World, file: &[u8]) {
    let token = KeyFile::parse(file).unwrap().token;
    let text = token.to_text();
    let needles = [text.as_bytes(), token.secret().expose().as_slice()];
    let files = std::fs::read_dir(world.folder()).unwrap();
    let mut seen = 0;
    for path in files.map(|entry| entry.unwrap().path()) {
        if let Ok(bytes) = std::fs::read(&path) {
            seen += 1;
            for needle in needles {
                let found = bytes.windows(needle.len()).any(|window| window == needle);
                assert!(!found, "{}", path.display());
            }
        }
    }
    assert!(seen > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_over_by_event_by_key_and_again_is_one_and_others_are_refused_with_the_reason() {
    let world = World::start(SQLITE_SPOOL).await;
    let now = world.now();
    let terms = bond(CASE, "bid", WINNER, 6_000_000);
    world
        .play(&[world.signed(registration("B-1", terms, now))], 1)
        .await;
    let first = world.live_key(WINNER, "S001/B-1").await;
    let taken = world.desk.hand_over(&first).await.unwrap();
    let again = world.desk.hand_over(&first).await.unwrap();
    let ids = (taken.taken.id, again.taken.id);
    assert_eq!((ids.0, again.taken.state), (ids.1, None), "the same act");
    let bid = |id, time| {
        let data = json!({"contractor": WINNER});
        event(CASE, id, "bid.submitted", time, data)
    };
    world.play(&[bid("b-1", now), bid("b-2", now)], 4).await;
    let owners = world.live_key(OWNER, "S001/B-1").await;
    assert_eq!(world.key_files(OWNER).len(), 1, "one key for all of it");
    let reason = |outcome: Result<_, DeskError>| match outcome {
        Ok(_) => panic!("it was taken"),
        Err(error) => error.to_string(),
    };
    let by_owner = reason(world.desk.hand_over(&owners).await);
    assert!(by_owner.contains("owner's key"), "{by_owner}");
    let id = BondId::try_from("S001/B-1".to_owned()).unwrap();
    let lost = world.desk.revoke_keys(&id, Role::Contractor, true, "lost");
    lost.await.unwrap();
    let dead = reason(world.desk.hand_over(&first).await);
    assert!(dead.contains("revoked") && dead.contains("lost"), "{dead}");
    let nonsense = reason(world.desk.hand_over(b"nonsense").await);
    assert!(nonsense.contains("not a key file"), "{nonsense}");
}

/// R14, R11: what has ended is handed to nobody; what does not match is, and the contractor is told (R7).
#[tokio::test(flavor = "multi_thread")]
async fn an_ended_bond_is_not_handed_over_and_one_that_does_not_match_is_told() {
    let world = World::start(SQLITE_SPOOL).await;
    let now = world.now();
    let bid = bond(CASE, "bid", WINNER, 6_000_000);
    let elsewhere = papers::with(bid.clone(), "obligee", LOSER);
    let announced = papers::tender(now + TimeDelta::hours(1));
    let events = [
        event(CASE, "t-1", "tender.announced", now, announced),
        world.signed(registration("B-1", bid, now)),
        world.signed(registration("B-2", elsewhere, now)),
    ];
    world.play(&events, 3).await;
    let good = world.live_key(WINNER, "S001/B-1").await;
    let other = world.live_key(WINNER, "S001/B-2").await;
    let handed = world.desk.hand_over(&other).await.unwrap();
    let told: Vec<_> = handed
        .findings
        .iter()
        .map(|one| (one.what.code(), one.grade))
        .collect();
    assert_eq!(told, [("other_obligee", Grade::Fatal)]);
    let cancelled = event(CASE, "t-2", "tender.cancelled", now, json!({}));
    world.play(&[cancelled], 5).await;
    let ended = world.desk.hand_over(&good).await;
    let ended = ended.map(|_| ()).unwrap_err().to_string();
    assert!(ended.contains("revoked"), "{ended}");
    let id = BondId::try_from("S001/B-1".to_owned()).unwrap();
    let view = world.store().bond(&id).await.unwrap().unwrap();
    assert!(
        view.keys.iter().all(|key| key.key.role != Role::Owner),
        "{view:?}"
    );
}
