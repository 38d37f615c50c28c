//! Every step × killed or told to stop × {SQLite, PostgreSQL} × {spool, RabbitMQ}; and killed beside
//! another hub, where there can be one.

use bondhub::hub::fault::Step;

macro_rules! endings {
    ($step:ident: $($ending:ident)+) => {$(
        mod $ending {
            use crate::{ending::$ending, harness::combination as on};

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite_with_the_spool() {
                $ending(on::SQLITE_SPOOL, stringify!($step)).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite_with_rabbitmq() {
                $ending(on::SQLITE_RABBITMQ, stringify!($step)).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgresql_with_the_spool() {
                $ending(on::POSTGRES_SPOOL, stringify!($step)).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgresql_with_rabbitmq() {
                $ending(on::POSTGRES_RABBITMQ, stringify!($step)).await;
            }
        }
    )+};
}

macro_rules! matrix {
    ($($step:ident)+) => {
        const STEPS: &[&str] = &[$(stringify!($step)),+];
        $(mod $step {
            endings! { $step: killed told_to_stop }

            #[tokio::test(flavor = "multi_thread")]
            async fn taken_over_on_postgresql_with_rabbitmq() {
                use crate::{ending, harness::combination as on};
                ending::taken_over(on::POSTGRES_RABBITMQ, stringify!($step)).await;
            }
        })+
    };
}

matrix! {
    received read laned loaded decided prepared committed handed_over acknowledged claimed
    mail_marked mail_sent mail_settled event_marked event_sent event_settled
}

#[test]
fn no_step_is_left_out() {
    assert_eq!(STEPS, Step::ALL.map(Step::as_str));
}
