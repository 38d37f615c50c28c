//! Whoever answers for an account is told when what it signs in with changes; well-known passwords are refused.

use bondhub::desk::SignInRefusal;
use bondhub_core::{account::Viewer, identifier::PartyCode, ports::store::OutboxView};
use chrono::TimeDelta;

use super::{PASSWORD, app, attempt, name, settled, sign_in};
use crate::harness::{cast::OWNER, combination::Combination, world::World};

/// The letters about accounts that were sent or wait, oldest first.
async fn letters(world: &World) -> Vec<OutboxView> {
    let mut rows = world.outbox().await;
    rows.retain(|row| row.name == "account_changed");
    rows
}

pub(super) async fn told(on: Combination) {
    let world = World::set(on, "").await;
    let desk = &world.desk;
    let (secret, _, codes) = settled(&world).await;
    let count = async || letters(&world).await.len();
    assert_eq!(count().await, 1, "an invitation was used");
    let began = sign_in(&world, &secret).await;
    let viewer: Viewer = began.viewer.clone();
    assert_eq!(count().await, 1, "signing in is no change");
    let used = desk.sign_in(attempt(PASSWORD, &codes[0])).await.unwrap();
    assert_eq!(used.recovery_left, Some(9));
    assert_eq!(count().await, 2, "a recovery code was used");
    desk.draw_recovery_codes(&name()).await.unwrap();
    assert_eq!(count().await, 3, "new recovery codes");
    let other = "another sentence by heart";
    let changed = desk.change_password(&viewer, PASSWORD, other, None, None);
    changed.await.unwrap();
    assert_eq!(count().await, 4, "the password");
    let offer = desk.offer_totp(&name()).await.unwrap();
    let shown = app(&offer.text, &world);
    let confirmed = desk.confirm_totp(&name(), &offer.id, &shown).await.unwrap();
    assert!(confirmed.is_ok());
    assert_eq!(count().await, 5, "another device, told once with its codes");
    desk.reset_factors(&name()).await.unwrap();
    assert_eq!(count().await, 6, "an administrator took everything away");
    for letter in letters(&world).await {
        let party = letter.recipient.as_ref().map(PartyCode::as_str);
        assert_eq!(party, Some(OWNER));
    }
}

/// The mail about guessing comes aside, once an hour, and to nobody where there is no such account.
pub(super) async fn locked_out(on: Combination) {
    let world = World::set(on, "").await;
    settled(&world).await;
    let past = world.now().timestamp() % 3600;
    world.clock.advance(TimeDelta::seconds(3600 - past));
    let before = letters(&world).await.len();
    let guess = async || {
        for _ in 0..30 {
            let refused = world.desk.sign_in(attempt("wrong", "000000")).await;
            if matches!(refused, Err(SignInRefusal::Later { .. })) {
                return;
            }
        }
        panic!("never refused");
    };
    guess().await;
    let one_more = async || letters(&world).await.len() == before + 1;
    world.eventually("a letter about guessing", one_more).await;
    world.clock.advance(TimeDelta::minutes(16));
    guess().await;
    world.clock.advance(TimeDelta::hours(1));
    guess().await;
    let two_more = async || letters(&world).await.len() == before + 2;
    world.eventually("one an hour", two_more).await;
}

pub(super) async fn well_known_passwords(on: Combination) {
    let world = World::set(on, "").await;
    settled(&world).await;
    for weak in [
        "qwertyuiop123",
        "passwordpassword1",
        "abcabcabcabcabc",
        "hanako is my name",
        &format!("{OWNER}{OWNER}{OWNER}2026"),
    ] {
        let refused = world.desk.put_password(&name(), weak).await;
        assert!(refused.is_err_and(|error| error.is_refusal()), "{weak}");
    }
    world
        .desk
        .put_password(&name(), "nobody knows the trouble")
        .await
        .unwrap();
}
