//! Mails over SMTP, against a server that keeps what it gets and breaks where it is told to (R52).
#![expect(
    clippy::unwrap_used,
    reason = "tests fail by panicking, helpers of tests too"
)]

use std::time::Duration;

use bondhub_core::{
    party::MailAddress,
    ports::mail::{Letter, Post, Posted},
};
use bondhub_mail::{SmtpPost, SmtpSettings, SmtpTimeouts};
use bondhub_test_support::smtp_sink::{Fault, SmtpSink};
use zeroize::Zeroizing;

const DESK: &str = "desk@contractor.example.jp";

fn settings(url: String) -> SmtpSettings {
    SmtpSettings {
        url,
        insecure: false,
        authorities: None,
        user: None,
        password: None,
        sender: MailAddress::parse("bounce@hub.example.jp").unwrap(),
        hello: "hub.example.jp".to_owned(),
        connections: 3,
        timeouts: SmtpTimeouts {
            connect: Duration::from_secs(20),
            command: Duration::from_secs(20),
            data: Duration::from_secs(20),
        },
    }
}

fn post_to(sink: &SmtpSink) -> SmtpPost {
    SmtpPost::new(settings(sink.url())).unwrap()
}

fn one_connection_to(sink: &SmtpSink) -> SmtpPost {
    SmtpPost::new(SmtpSettings {
        connections: 1,
        ..settings(sink.url())
    })
    .unwrap()
}

fn letter_to(id: &str, to: &[&str], body: &str) -> Letter {
    let message_id = format!("<{id}@hub.example.jp>");
    let bytes = format!("Message-ID: {message_id}\r\n\r\n{body}").into_bytes();
    let to = to
        .iter()
        .map(|address| MailAddress::parse(address).unwrap())
        .collect();
    Letter {
        to,
        message_id,
        bytes,
    }
}

fn letter(id: &str) -> Letter {
    letter_to(id, &[DESK], "body\r\n")
}

fn all_accepted(posted: &[Posted]) -> bool {
    posted.iter().all(|one| matches!(one, Posted::Accepted(_)))
}

fn refused(reply: &str, permanent: bool) -> Posted {
    Posted::Refused {
        reply: reply.to_owned(),
        permanent,
    }
}

#[tokio::test]
async fn many_letters_arrive_once_each_as_they_are_over_few_connections() {
    let sink = SmtpSink::start().await.unwrap();
    let post = post_to(&sink);
    let letters: Vec<_> = (0..100).map(|n| letter(&format!("m{n}"))).collect();
    let posted = post.post(&letters).await;
    assert_eq!(posted, vec![Posted::Accepted("250 kept".to_owned()); 100]);
    let stored = sink.stored();
    assert_eq!(stored.len(), 100);
    for letter in &letters {
        let found = &stored[&letter.message_id];
        assert_eq!((found.count, &found.bytes), (1, &letter.bytes));
        assert_eq!(
            (found.from.as_str(), &found.to[..]),
            ("bounce@hub.example.jp", &[DESK.to_owned()][..])
        );
    }
    assert_eq!(sink.connections(), 3);
}

#[tokio::test]
async fn connections_are_used_again_and_left_politely() {
    let sink = SmtpSink::start().await.unwrap();
    let post = one_connection_to(&sink);
    for n in 0..3 {
        assert!(all_accepted(&post.post(&[letter(&format!("m{n}"))]).await));
    }
    assert_eq!(sink.connections(), 1);
    post.close().await;
    assert_eq!(sink.verbs().last().unwrap(), "QUIT");
}

#[tokio::test]
async fn nothing_to_send_makes_no_connection() {
    let sink = SmtpSink::start().await.unwrap();
    assert!(post_to(&sink).post(&[]).await.is_empty());
    assert_eq!(sink.connections(), 0);
}

#[tokio::test]
async fn lines_that_begin_with_a_dot_arrive_as_they_are() {
    let sink = SmtpSink::start().await.unwrap();
    let bodies = [
        ".\r\n",
        "..\r\n.x\r\n",
        "\r\n.\r\n\r\n.\r\n",
        "a\r\n...\r\n",
        "end.\r\n",
    ];
    let mut letters: Vec<_> = (0..)
        .zip(bodies)
        .map(|(n, body)| letter_to(&format!("m{n}"), &[DESK], body))
        .collect();
    let first_line = ".Odd: 1\r\nMessage-ID: <first@hub.example.jp>\r\n\r\nx\r\n";
    letters.push(Letter {
        bytes: first_line.into(),
        ..letter("first")
    });
    assert!(all_accepted(&post_to(&sink).post(&letters).await));
    for letter in &letters {
        assert_eq!(sink.stored()[&letter.message_id].bytes, letter.bytes);
    }
}

#[tokio::test]
async fn a_letter_that_could_be_split_on_the_way_is_never_sent() {
    let sink = SmtpSink::start().await.unwrap();
    let smuggling = "a\n.\r\nMAIL FROM:<x@example.com>\r\n";
    let long = "x".repeat(999) + "\r\n";
    for body in [
        smuggling,
        "a\r.\r\n",
        "a\0b\r\n",
        "日本\r\n",
        "no line end",
        &long,
    ] {
        let posted = post_to(&sink).post(&[letter_to("m", &[DESK], body)]).await;
        assert!(
            matches!(
                posted.as_slice(),
                [Posted::Refused {
                    permanent: true,
                    ..
                }]
            ),
            "{body:?}"
        );
    }
    let nobody = post_to(&sink).post(&[letter_to("m", &[], "x\r\n")]).await;
    assert!(matches!(
        nobody.as_slice(),
        [Posted::Refused {
            permanent: true,
            ..
        }]
    ));
    assert_eq!(sink.connections(), 0);
}

#[tokio::test]
async fn a_server_without_pipelining_is_served_as_well() {
    let sink = SmtpSink::start().await.unwrap();
    sink.offer_pipelining(false);
    sink.refuse_recipient("gone@contractor.example.jp", "550 no such user");
    let letters = [
        letter("m1"),
        letter_to("m2", &["gone@contractor.example.jp"], "x\r\n"),
        letter("m3"),
    ];
    let posted = one_connection_to(&sink).post(&letters).await;
    let accepted = Posted::Accepted("250 kept".to_owned());
    assert_eq!(
        posted,
        [
            accepted.clone(),
            refused("550 no such user", true),
            accepted
        ]
    );
}

#[tokio::test]
async fn one_refused_recipient_does_not_touch_the_letters_around_it() {
    let sink = SmtpSink::start().await.unwrap();
    sink.refuse_recipient("gone@contractor.example.jp", "550 5.1.1 no such user");
    sink.refuse_recipient("later@contractor.example.jp", "451 4.7.1 come back later");
    let letters = [
        letter("m1"),
        letter_to("m2", &["gone@contractor.example.jp"], "x\r\n"),
        letter_to("m3", &["later@contractor.example.jp"], "x\r\n"),
        letter("m4"),
    ];
    let posted = one_connection_to(&sink).post(&letters).await;
    let accepted = Posted::Accepted("250 kept".to_owned());
    let expected = [
        accepted.clone(),
        refused("550 5.1.1 no such user", true),
        refused("451 4.7.1 come back later", false),
        accepted,
    ];
    assert_eq!(posted, expected);
    assert_eq!((sink.connections(), sink.stored().len()), (1, 2));
}

#[tokio::test]
async fn several_recipients_get_one_mail() {
    let sink = SmtpSink::start().await.unwrap();
    let both = [DESK, "second@contractor.example.jp"];
    assert!(all_accepted(
        &post_to(&sink).post(&[letter_to("m", &both, "x\r\n")]).await
    ));
    assert_eq!(sink.stored()["<m@hub.example.jp>"].to, both);
}

#[tokio::test]
async fn of_several_recipients_one_refused_for_good_is_left_out_and_told() {
    let sink = SmtpSink::start().await.unwrap();
    sink.refuse_recipient("gone@contractor.example.jp", "550 no such user");
    let both = [DESK, "gone@contractor.example.jp"];
    let posted = post_to(&sink).post(&[letter_to("m", &both, "x\r\n")]).await;
    let reply = "250 kept; one recipient refused: 550 no such user".to_owned();
    assert_eq!(posted, [Posted::Accepted(reply)]);
    assert_eq!(sink.stored()["<m@hub.example.jp>"].to, [DESK]);
}

#[tokio::test]
async fn of_several_recipients_one_refused_for_now_holds_the_mail_back_from_all() {
    let sink = SmtpSink::start().await.unwrap();
    sink.refuse_recipient("later@contractor.example.jp", "450 come back later");
    let both = [DESK, "later@contractor.example.jp"];
    let post = one_connection_to(&sink);
    let letters = [letter_to("m", &both, "x\r\n")];
    assert_eq!(
        post.post(&letters).await,
        [refused("450 come back later", false)]
    );
    assert!(sink.stored().is_empty());
    sink.take_all_recipients();
    assert!(all_accepted(&post.post(&letters).await));
    assert_eq!(sink.taken(), 1);
}

#[tokio::test]
async fn a_refusal_after_the_data_is_told_apart_by_its_kind() {
    let sink = SmtpSink::start().await.unwrap();
    let post = one_connection_to(&sink);
    for (line, permanent) in [
        ("452 disk full", false),
        ("554 no thanks", true),
        ("421 closing", false),
    ] {
        sink.set_fault(Fault::RefuseData(line.to_owned()));
        assert_eq!(post.post(&[letter("m")]).await, [refused(line, permanent)]);
    }
    sink.set_fault(Fault::None);
    assert!(all_accepted(&post.post(&[letter("m")]).await));
    assert_eq!(
        sink.connections(),
        2,
        "only the server's good-bye cost a connection"
    );
}

#[tokio::test]
async fn a_reply_of_many_lines_becomes_one() {
    let sink = SmtpSink::start().await.unwrap();
    sink.refuse_recipient(DESK, "550-we do not\r\n550 know you");
    let posted = post_to(&sink).post(&[letter("m")]).await;
    assert_eq!(posted, [refused("550 we do not know you", true)]);
}

#[tokio::test]
async fn nobody_listening_is_down_for_all_letters() {
    let sink = SmtpSink::start().await.unwrap();
    let post = post_to(&sink);
    drop(sink);
    let posted = post
        .post(&[
            letter("m1"),
            letter("m2"),
            letter("m3"),
            letter("m4"),
            letter("m5"),
        ])
        .await;
    assert_eq!(posted.len(), 5);
    assert!(
        posted.iter().all(|one| matches!(one, Posted::Down(_))),
        "{posted:?}"
    );
}

#[tokio::test]
async fn a_server_that_closes_or_turns_away_at_the_door_is_down() {
    let sink = SmtpSink::start().await.unwrap();
    let post = post_to(&sink);
    for fault in [
        Fault::RefuseConnections,
        Fault::Greeting("421 too busy".to_owned()),
        Fault::Greeting("554 not for you".to_owned()),
    ] {
        sink.set_fault(fault.clone());
        let posted = post.post(&[letter("m")]).await;
        assert!(
            matches!(posted.as_slice(), [Posted::Down(_)]),
            "{fault:?}: {posted:?}"
        );
    }
    sink.set_fault(Fault::None);
    assert!(all_accepted(&post.post(&[letter("m")]).await));
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_final_dot_is_down_and_nothing_was_taken() {
    let sink = SmtpSink::start().await.unwrap();
    sink.set_fault(Fault::BreakBeforeDot);
    let post = one_connection_to(&sink);
    // Larger than what the buffers of both sides take, so that the dot cannot have left.
    let large = "line\r\n".repeat(4_000_000);
    let posted = post.post(&[letter_to("m", &[DESK], &large)]).await;
    assert!(matches!(posted.as_slice(), [Posted::Down(_)]), "{posted:?}");
    assert!(sink.stored().is_empty());
    sink.set_fault(Fault::None);
    assert!(all_accepted(&post.post(&[letter("m")]).await));
}

#[tokio::test]
async fn a_reply_lost_after_the_final_dot_is_unknown_and_the_mail_is_not_sent_again() {
    let sink = SmtpSink::start().await.unwrap();
    sink.set_fault(Fault::LoseReply);
    let posted = one_connection_to(&sink)
        .post(&[letter("m1"), letter("m2")])
        .await;
    assert!(
        posted.iter().all(|one| matches!(one, Posted::Unknown(_))),
        "{posted:?}"
    );
    assert!(sink.stored().values().all(|stored| stored.count == 1));
    assert_eq!(sink.taken(), 2);
}

#[tokio::test]
async fn a_reply_that_never_comes_is_unknown_after_the_time_for_data() {
    let sink = SmtpSink::start().await.unwrap();
    sink.set_fault(Fault::NeverReply);
    let mut settings = settings(sink.url());
    settings.timeouts.data = Duration::from_secs(1);
    let posted = SmtpPost::new(settings).unwrap().post(&[letter("m")]).await;
    assert!(
        matches!(posted.as_slice(), [Posted::Unknown(_)]),
        "{posted:?}"
    );
    assert_eq!(sink.taken(), 1);
}

#[tokio::test]
async fn a_slow_reply_is_waited_for() {
    let sink = SmtpSink::start().await.unwrap();
    sink.set_fault(Fault::SlowReply(Duration::from_millis(1500)));
    let mut settings = settings(sink.url());
    settings.timeouts.command = Duration::from_secs(1);
    let posted = SmtpPost::new(settings).unwrap().post(&[letter("m")]).await;
    assert!(all_accepted(&posted), "{posted:?}");
}

#[tokio::test]
async fn a_late_reply_is_not_taken_for_the_answer_to_the_next_mail() {
    let sink = SmtpSink::start().await.unwrap();
    sink.set_fault(Fault::SlowReply(Duration::from_secs(2)));
    let mut settings = SmtpSettings {
        connections: 1,
        ..settings(sink.url())
    };
    settings.timeouts.data = Duration::from_secs(1);
    let post = SmtpPost::new(settings).unwrap();
    assert!(matches!(
        post.post(&[letter("m1")]).await.as_slice(),
        [Posted::Unknown(_)]
    ));
    sink.set_fault(Fault::None);
    assert!(all_accepted(&post.post(&[letter("m2")]).await));
    assert_eq!(
        sink.connections(),
        2,
        "the connection with the open question is not used again"
    );
}

#[tokio::test]
async fn a_connection_that_died_while_idle_is_replaced_unnoticed() {
    let sink = SmtpSink::start().await.unwrap();
    let post = one_connection_to(&sink);
    for n in 0..3 {
        assert!(all_accepted(&post.post(&[letter(&format!("m{n}"))]).await));
        sink.cut_connections();
    }
    assert_eq!((sink.connections(), sink.taken()), (3, 3));
}

#[tokio::test]
async fn an_account_is_used_where_it_is_set_and_a_wrong_password_is_down() {
    let sink = SmtpSink::start().await.unwrap();
    sink.require_account("hub", "correct");
    let with = |password: &str| {
        let password = Some(Zeroizing::new(password.to_owned()));
        SmtpPost::new(SmtpSettings {
            user: Some("hub".into()),
            password,
            ..settings(sink.url())
        })
    };
    assert!(all_accepted(
        &with("correct").unwrap().post(&[letter("m")]).await
    ));
    let wrong = with("wrong").unwrap().post(&[letter("m")]).await;
    assert!(matches!(wrong.as_slice(), [Posted::Down(_)]), "{wrong:?}");
    assert!(
        !format!("{wrong:?}").contains("wrong\""),
        "no password in what is told"
    );
}

#[tokio::test]
async fn two_calls_at_once_share_the_connections() {
    let sink = SmtpSink::start().await.unwrap();
    let post = post_to(&sink);
    let letters = |name: &str| {
        (0..50)
            .map(|n| letter(&format!("{name}{n}")))
            .collect::<Vec<_>>()
    };
    let (one, other) = (letters("a"), letters("b"));
    let (one, other) = tokio::join!(post.post(&one), post.post(&other));
    assert!(all_accepted(&one) && all_accepted(&other));
    assert_eq!(sink.stored().len(), 100);
    assert!(sink.connections() <= 3);
}
