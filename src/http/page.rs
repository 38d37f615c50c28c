//! The page at `/`: what the hub is doing, readable without scripts, styles or colours.

use std::{fmt::Write as _, sync::Arc};

use axum::{extract::State, response::Html};
use bondhub_core::ports::store::{Channel, EventState, OutboxState};

use super::{Http, Problem};

/// The page.
pub(super) async fn page(State(http): State<Arc<Http>>) -> Result<Html<String>, Problem> {
    let store = &http.desk.store;
    let away = |_| Problem::unavailable("the database does not answer");
    let events = store.event_counts().await.map_err(away)?;
    let outbox = store.outbox_counts().await.map_err(away)?;
    let tasks = store.tasks(false, 1000).await.map_err(away)?.len();
    Ok(Html(render(&events, &outbox, tasks)))
}

fn render(
    events: &[(EventState, u64)],
    outbox: &[(Channel, OutboxState, u64)],
    tasks: usize,
) -> String {
    let events = events
        .iter()
        .map(|(state, count)| (state.as_str().to_owned(), *count));
    let outbox = outbox.iter().map(|(channel, state, count)| {
        (format!("{}, {}", channel.as_str(), state.as_str()), *count)
    });
    let events = table("受信したイベント / Events received", events);
    let outbox = table("送信 / What leaves the hub", outbox);
    format!(
        "<!doctype html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>bondhub</title>\n\
         <style>body{{font:1rem/1.6 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}}\
         table{{border-collapse:collapse;margin:1rem 0;width:100%}}caption{{text-align:left;font-weight:bold}}\
         th,td{{border-bottom:1px solid #767676;padding:.3rem .6rem;text-align:left}}td{{text-align:right}}</style>\n\
         </head>\n<body>\n<main>\n<h1>bondhub</h1>\n\
         <p>電子ボンド連携ハブは稼働しています。<br><span lang=\"en\">The hub is at work.</span></p>\n\
         {events}{outbox}\
         <p>未完了のタスク / <span lang=\"en\">Open tasks</span>: <strong>{tasks}</strong></p>\n\
         <p><a href=\"/readyz\">readyz</a> · <a href=\"/metrics\">metrics</a></p>\n\
         </main>\n</body>\n</html>\n"
    )
}

fn table(caption: &str, rows: impl Iterator<Item = (String, u64)>) -> String {
    let mut table = format!("<table>\n<caption>{caption}</caption>\n<tbody>\n");
    let mut empty = true;
    for (name, count) in rows {
        empty = false;
        let _infallible = writeln!(
            table,
            "<tr><th scope=\"row\">{name}</th><td>{count}</td></tr>"
        );
    }
    if empty {
        table.push_str("<tr><th scope=\"row\">まだありません / none yet</th><td>0</td></tr>\n");
    }
    table.push_str("</tbody>\n</table>\n");
    table
}
