//! Splitting a document into releases, each with its identity (CONTRACT §1).

use bondhub_core::{
    calendar::Timestamp,
    event::{Envelope, EventIdentity, Rejection},
    identifier::{ProcurementId, check},
    ports::feed::Rejected,
};
use serde_json::Value;

use crate::{RELEASE, node::Node};

/// The releases of a package or a single one; none if the document is neither.
pub(crate) fn split(document: &Value) -> Option<Vec<Result<Envelope, Rejected>>> {
    if let Some(releases) = document.get("releases") {
        return Some(split_package(document, releases));
    }
    if document.get("records").is_some_and(Value::is_array) {
        let message = "a record package is not read; send its releases";
        return Some(vec![Err(refused(
            document,
            Rejection::at("/records", message),
        ))]);
    }
    document.get("ocid").map(|_| vec![envelope(document, None)])
}

fn split_package(package: &Value, releases: &Value) -> Vec<Result<Envelope, Rejected>> {
    let Some(releases) = releases.as_array() else {
        let rejection = Rejection::at("/releases", "`releases` is not a list");
        return vec![Err(refused(package, rejection))];
    };
    let publisher = publisher(package);
    releases
        .iter()
        .map(|release| envelope(release, publisher))
        .collect()
}

/// Who speaks: the publisher's URI, or the package's own.
fn publisher(package: &Value) -> Option<&str> {
    let publisher = package.pointer("/publisher/uri");
    [publisher, package.get("uri")]
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .find_map(|uri| check(uri).ok())
}

/// The pointer of a refusal counts from the release, which is the piece that is kept.
fn envelope(release: &Value, publisher: Option<&str>) -> Result<Envelope, Rejected> {
    read(release, publisher).map_err(|rejection| refused(release, rejection))
}

fn refused(piece: &Value, rejection: Rejection) -> Rejected {
    let piece = piece.clone();
    Rejected { rejection, piece }
}

fn read(release: &Value, publisher: Option<&str>) -> Result<Envelope, Rejection> {
    let node = Node::new(release, "");
    if !release.is_object() {
        return Err(node.refuse("a release is a JSON object"));
    }
    let ocid = ocid(&node)?;
    let time = date(&node)?;
    Ok(Envelope {
        identity: identity(&node, &ocid, publisher)?,
        kind: RELEASE.to_owned(),
        time,
        sequence: 0,
        subject: Some(ocid),
        data: release.clone(),
    })
}

/// The release's `ocid`, which is the procurement id.
pub(crate) fn ocid(release: &Node<'_>) -> Result<ProcurementId, Rejection> {
    let Some(ocid) = release.text("ocid") else {
        return Err(release.refuse_member("ocid", "`ocid` is missing"));
    };
    ProcurementId::parse(ocid)
        .map_err(|error| release.refuse_member("ocid", format!("`ocid` {error}")))
}

fn date(release: &Node<'_>) -> Result<Timestamp, Rejection> {
    let missing = || release.refuse_member("date", "`date` is missing");
    release.time("date")?.ok_or_else(missing)
}

fn identity(
    release: &Node<'_>,
    ocid: &ProcurementId,
    publisher: Option<&str>,
) -> Result<EventIdentity, Rejection> {
    let id = release.required_id(|id| check(id).map(str::to_owned))?;
    let id = format!("{ocid}/{id}");
    let id = check(&id).map_err(|error| release.refuse_member("id", format!("`id` {error}")))?;
    Ok(EventIdentity {
        id: id.to_owned(),
        source: publisher.unwrap_or(prefix(ocid.as_str())).to_owned(),
    })
}

/// The publisher's registered prefix: `ocds-213czf` of `ocds-213czf-000-00001`.
fn prefix(ocid: &str) -> &str {
    let end = ocid.match_indices('-').nth(1).map(|(index, _)| index);
    let registered = ocid.starts_with("ocds-").then_some(end).flatten();
    registered.and_then(|end| ocid.get(..end)).unwrap_or(ocid)
}
