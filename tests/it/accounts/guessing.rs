//! Limits on guessing: they hold for whoever asks often at once, and for nobody else.

use bondhub::{
    desk::{AssertionAnswer, Attempt, SignInRefusal},
    vault::{OpenRefusal, TakeOneTime as _},
};
use bondhub_core::identifier::PartyCode;
use chrono::TimeDelta;
use futures::future::join_all;

use super::{attempt, settled};
use crate::harness::{cast::OWNER, combination::Combination, world::World};

/// A failure an account may have in 15 minutes, and one that came back meanwhile.
const FAILURES: usize = 10 + 1;

pub(super) async fn at_once(on: Combination) {
    let world = World::set(on, "").await;
    settled(&world).await;
    let guesses = (0..100).map(|_| world.desk.sign_in(attempt("wrong", "000000")));
    let mut looked_at = 0;
    for guess in join_all(guesses).await {
        match guess.map(drop).unwrap_err() {
            SignInRefusal::Wrong => looked_at += 1,
            SignInRefusal::Later { .. } => {}
            SignInRefusal::Desk(error) => panic!("{error}"),
        }
    }
    assert!(
        (1..=FAILURES).contains(&looked_at),
        "passwords: {looked_at}"
    );

    let party = PartyCode::parse(OWNER).unwrap();
    let guesses = (0..100).map(|_| world.desk.takes(&party, "000000"));
    let mut looked_at = 0;
    for guess in join_all(guesses).await {
        match guess {
            Ok(right) => {
                assert!(!right);
                looked_at += 1;
            }
            Err(refusal) => assert!(matches!(refusal, OpenRefusal::Later { .. }), "{refusal}"),
        }
    }
    assert!(
        (1..=FAILURES).contains(&looked_at),
        "one-time passwords: {looked_at}"
    );
}

/// What a browser answers that knows no passkey of this hub.
async fn stranger(world: &World, address: &str) -> SignInRefusal {
    let request = world.desk.ask_for_passkey().await.unwrap();
    let answer = AssertionAnswer {
        request: request.id.to_string(),
        credential: b"of another site".to_vec(),
        client_data: Vec::new(),
        authenticator_data: Vec::new(),
        signature: Vec::new(),
        user_handle: Vec::new(),
    };
    let refused = world
        .desk
        .sign_in_with_passkey(&answer, Some(address), None, None);
    refused.await.map(drop).unwrap_err()
}

async fn empty_form(world: &World, address: &str) -> SignInRefusal {
    let nobody = Attempt {
        name: " ",
        address: Some(address),
        ..attempt("wrong", "000000")
    };
    world.desk.sign_in(nobody).await.map(drop).unwrap_err()
}

pub(super) async fn nameless(on: Combination) {
    let world = World::set(on, "").await;
    for _ in 0..12 {
        let refused = stranger(&world, "192.0.2.66").await;
        assert!(matches!(refused, SignInRefusal::Wrong), "{refused}");
        let refused = empty_form(&world, "192.0.2.66").await;
        assert!(matches!(refused, SignInRefusal::Wrong), "{refused}");
    }
    let elsewhere = stranger(&world, "192.0.2.1").await;
    assert!(matches!(elsewhere, SignInRefusal::Wrong), "{elsewhere}");
    let mut there = elsewhere;
    for _ in 0..60 {
        there = stranger(&world, "192.0.2.66").await;
    }
    assert!(matches!(there, SignInRefusal::Later { .. }), "{there}");
    world.clock.advance(TimeDelta::minutes(15));
    let there = stranger(&world, "192.0.2.66").await;
    assert!(matches!(there, SignInRefusal::Wrong), "{there}");
}
