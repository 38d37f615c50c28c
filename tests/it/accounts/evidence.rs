//! What a bond asks to be shown before it opens (R15).

use super::*;

/// A key of the winner, as a file and as one types it.
async fn winners_key(world: &World) -> (Vec<u8>, String) {
    let now = world.now();
    let events = [
        event(
            CASE,
            "t-1",
            "tender.announced",
            now,
            tender(now + TimeDelta::hours(1)),
        ),
        world.signed(registration(
            "B-1",
            bond(CASE, "bid", WINNER, 6_000_000),
            now,
        )),
        event(
            CASE,
            "b-1",
            "bid.submitted",
            now,
            json!({"contractor": WINNER}),
        ),
    ];
    world.play(&events, 3).await;
    let file = world.live_key(WINNER, "S001/B-1").await;
    let typed = KeyFile::parse(&file).unwrap().token.to_text().to_string();
    (file, typed)
}

/// R15: each way, at what the parties accept.
pub(super) async fn ways(on: Combination) {
    let world = World::start(on).await;
    let desk = &world.desk;
    let (file, typed) = winners_key(&world).await;
    let typed = Presented::token(&typed);
    let too_weak = async |presented: &Presented<'_>, required| {
        let refused = desk.look(presented).await.map(drop).unwrap_err();
        let DeskError::Key(OpenRefusal::TooWeak(weak)) = refused else {
            panic!("{refused}");
        };
        assert_eq!(weak.required, required);
    };
    too_weak(&typed, Way::SignedKeyFile).await;
    assert!(desk.look(&Presented::file(&file)).await.is_ok());

    let accept = async |way| {
        for code in [ISSUER, OWNER] {
            let code = PartyCode::parse(code).unwrap();
            desk.set_accepted(&code, Some(way)).await.unwrap();
        }
        desk.directory().await.unwrap();
    };
    accept(Way::KeySecret).await;
    assert!(desk.look(&typed).await.is_ok(), "the secret alone");
    accept(Way::OneTimePassword).await;
    too_weak(&typed, Way::OneTimePassword).await;

    let (secret, ..) = settled_as(&world, WINNER).await;
    world.clock.advance(TimeDelta::seconds(61));
    let code = app(&secret, &world);
    let with = |one_time_password| Presented {
        one_time_password: Some(one_time_password),
        ..typed
    };
    too_weak(&with("000000"), Way::OneTimePassword).await;
    // The file suffices by itself: nothing is used up.
    let file_too = Presented {
        one_time_password: Some(&code),
        ..Presented::file(&file)
    };
    assert!(desk.look(&file_too).await.is_ok());
    assert!(desk.look(&with(&code)).await.is_ok());
    too_weak(&with(&code), Way::OneTimePassword).await;

    accept(Way::Passkey).await;
    too_weak(&Presented::file(&file), Way::Passkey).await;
    let account = desk.account(&name()).await.unwrap().account;
    for (way, suffices) in [(SignedInBy::Password, false), (SignedInBy::Passkey, true)] {
        let viewer = Viewer::of(&account, way);
        let by_account = Presented {
            viewer: Some(&viewer),
            ..typed
        };
        assert_eq!(desk.look(&by_account).await.is_ok(), suffices, "{way:?}");
    }
    let mut stranger = Viewer::of(&account, SignedInBy::Passkey);
    stranger.party = Some(PartyCode::parse(OWNER).unwrap());
    let elsewhere = Presented {
        viewer: Some(&stranger),
        ..typed
    };
    too_weak(&elsewhere, Way::Passkey).await;
}
