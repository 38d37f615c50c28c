//! What an owner, or a contractor of its own bid, reports by hand (R8): a form with only the fields of the act, then what it
//! would lead to, then the act itself.
//!
//! The rehearsal is shown again where it has changed between being read and being confirmed.

mod entry;
mod happening;
mod kind;
mod told;

use axum::{
    extract::Path,
    http::{StatusCode, Uri},
    response::Response,
};
use bondhub_core::{
    account::Permission, event::hex_digest, identifier::ProcurementId, inquiry::OwnCase,
    party::Role, ports::store::EventState,
};
use serde::Serialize;
use serde_json::json;

use super::{
    Access, Posted, Route, Trouble, Visit, cases,
    parts::{Mistake, Row, path_below},
};
use crate::desk::{Deed, DeskError, Rehearsal, Step, Taken};

use entry::{Entry, Field};
use happening::{Report, field_of};
use told::Effects;

pub(super) use entry::{percent, scope};
pub(super) use kind::Act;

/// An owner reports of its cases, a contractor of its bid, an operator what came on paper.
const REPORT: Access = Access::PartyOrHub(
    &[Role::Owner, Role::Contractor],
    Permission::ActForParty,
    Permission::Operate,
);
/// Whoever may announce a tender.
const ANNOUNCE: Access =
    Access::PartyOrHub(&[Role::Owner], Permission::ActForParty, Permission::Operate);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/announce", ANNOUNCE, announcement),
        Route::post("/announce", ANNOUNCE, announce),
        Route::get("/act/{act}/{*procurement}", REPORT, form),
        Route::post("/act/{act}/{*procurement}", REPORT, take),
    ]
}

/// Where an act about a case is told.
pub(super) fn path(act: Act, procurement: &ProcurementId) -> String {
    path_below(&format!("/act/{}", act.name()), procurement.as_str())
}

/// One act of one visitor.
struct Telling {
    visit: Visit,
    act: Act,
    procurement: Option<ProcurementId>,
    case: Option<OwnCase>,
}

#[derive(Serialize)]
struct Asked {
    title: String,
    lead: String,
    finality: String,
    case: Option<String>,
    back: String,
    back_text: String,
    path: String,
    errors: Vec<Mistake>,
    fields: Vec<Field>,
}

#[derive(Serialize)]
struct Rehearsed {
    title: String,
    finality: String,
    case: Option<String>,
    back: String,
    back_text: String,
    path: String,
    entered: Vec<Row>,
    hidden: Vec<(&'static str, String)>,
    digest: String,
    effects: Effects,
    /// It would lead to something else than what was shown before.
    changed: bool,
}

async fn announcement(visit: Visit, uri: Uri) -> Result<Response, Trouble> {
    let telling = Telling::announcing(visit);
    telling.ask_with(&uri)
}

async fn announce(visit: Visit, form: Posted) -> Result<Response, Trouble> {
    Telling::announcing(visit).take(&form).await
}

async fn form(
    visit: Visit,
    Path((act, procurement)): Path<(String, String)>,
    uri: Uri,
) -> Result<Response, Trouble> {
    Telling::about(visit, &act, &procurement)
        .await?
        .ask_with(&uri)
}

async fn take(
    visit: Visit,
    Path((act, procurement)): Path<(String, String)>,
    form: Posted,
) -> Result<Response, Trouble> {
    Telling::about(visit, &act, &procurement)
        .await?
        .take(&form)
        .await
}

impl Telling {
    fn announcing(visit: Visit) -> Self {
        Self {
            visit,
            act: Act::Step(Step::TenderAnnounced),
            procurement: None,
            case: None,
        }
    }

    async fn about(visit: Visit, act: &str, procurement: &str) -> Result<Self, Trouble> {
        let act = Act::parse(act).filter(|act| *act != Act::Step(Step::TenderAnnounced));
        let act = act.ok_or(Trouble::NotFound)?;
        let id = ProcurementId::parse(procurement).map_err(|_| Trouble::NotFound)?;
        let viewer = visit.signed_in()?;
        if !may_tell(&visit, act) {
            return Err(Trouble::NotAllowed);
        }
        // A contractor's bid is about a case that is not its own to see.
        let known = !(act.is_contractors() && viewer.party.is_some());
        let case = if known {
            Some(visit.console().desk.my_case(viewer, &id).await?.case)
        } else {
            None
        };
        Ok(Self {
            act,
            procurement: Some(id),
            case,
            visit,
        })
    }

    fn fields(&self) -> Vec<kind::Spec> {
        let for_others = self
            .visit
            .viewer()
            .is_some_and(|viewer| viewer.party.is_none());
        self.act.fields(for_others)
    }

    fn text(&self, part: &str) -> String {
        self.visit.text(&format!("{part}.{}", self.act.word()))
    }

    fn path(&self) -> String {
        match &self.procurement {
            Some(id) => path(self.act, id),
            None => "/announce".to_owned(),
        }
    }

    /// Where whoever turns back goes.
    fn back(&self) -> (String, String) {
        match (&self.procurement, &self.case) {
            (Some(id), Some(_)) => (cases::path(id), id.to_string()),
            (Some(_), None) => ("/bonds".to_owned(), self.visit.text("bonds.title")),
            (None, _) => ("/cases".to_owned(), self.visit.text("cases.title")),
        }
    }

    fn ask_with(&self, uri: &Uri) -> Result<Response, Trouble> {
        let query = uri.query().unwrap_or_default().to_owned();
        let asked = |name: &str| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            let found = pairs.find(|(given, _)| given == name);
            found.map(|(_, value)| value.into_owned())
        };
        let entry = Entry::suggested(&self.visit, self.act, self.case.as_ref(), &asked);
        self.ask(StatusCode::OK, &entry, Vec::new())
    }

    fn ask(
        &self,
        status: StatusCode,
        entry: &Entry,
        errors: Vec<Mistake>,
    ) -> Result<Response, Trouble> {
        let (back, back_text) = self.back();
        let fields = entry.fields(&self.visit, &self.fields(), self.case.as_ref());
        let label = |id: &str| Field::label_in(&fields, id);
        let tells = Asked {
            title: self.text("act_title"),
            lead: self.text("act_lead"),
            finality: self.text("act_final"),
            case: self.title(),
            path: self.path(),
            errors: errors
                .into_iter()
                .map(|error| error.labelled(label))
                .collect(),
            fields,
            back,
            back_text,
        };
        self.visit.page_as(status, "act", tells)
    }

    fn title(&self) -> Option<String> {
        let case = self.case.as_ref()?;
        Some(case.title.clone().unwrap_or_else(|| case.id.to_string()))
    }

    /// Reads the form, and rehearses or does what it says.
    async fn take(&self, form: &Posted) -> Result<Response, Trouble> {
        let fields = self.fields();
        let entry = Entry::posted(&fields, form);
        if form.text("stage") == "edit" {
            return self.ask(StatusCode::OK, &entry, Vec::new());
        }
        let report = Report {
            visit: &self.visit,
            act: self.act,
            procurement: self.procurement.clone(),
            case: self.case.as_ref(),
            entry: &entry,
        };
        let deed = match report.deed() {
            Ok(deed) => deed,
            Err(errors) => return self.ask(StatusCode::UNPROCESSABLE_ENTITY, &entry, errors),
        };
        match self.rehearse_or_do(form, &entry, &deed).await {
            Err(Trouble::Desk(error)) if error.is_refusal() => self.refused(&entry, error),
            done => done,
        }
    }

    async fn rehearse_or_do(
        &self,
        form: &Posted,
        entry: &Entry,
        deed: &Deed,
    ) -> Result<Response, Trouble> {
        let (desk, viewer) = (self.visit.desk()?, self.visit.signed_in()?);
        let rehearsal = desk.rehearse_of(viewer, deed).await?;
        let digest = hex_digest(json!(rehearsal).to_string().as_bytes());
        let confirms = form.text("stage") == "confirm";
        if confirms && form.text("digest") == digest {
            let taken = desk.deed_of(viewer, deed).await?;
            return Ok(self.done(deed, &taken));
        }
        self.show(entry, &rehearsal, digest, confirms)
    }

    fn show(
        &self,
        entry: &Entry,
        rehearsal: &Rehearsal,
        digest: String,
        changed: bool,
    ) -> Result<Response, Trouble> {
        let (back, back_text) = self.back();
        let tells = Rehearsed {
            title: self.text("act_title"),
            finality: self.text("act_final"),
            case: self.title(),
            path: self.path(),
            entered: entry.rows(&self.visit, &self.fields(), self.case.as_ref()),
            hidden: entry.all(),
            effects: Effects::of(&self.visit, rehearsal),
            back,
            back_text,
            digest,
            changed,
        };
        self.visit.page("rehearsed", tells)
    }

    /// The form again, with what the desk said beside the field it is about.
    fn refused(&self, entry: &Entry, error: DeskError) -> Result<Response, Trouble> {
        let field = match &error {
            DeskError::Rejected(rejection) => field_of(rejection).to_owned(),
            _ => "act".to_owned(),
        };
        let trouble = Trouble::from(error);
        let (sentence, detail) = trouble.sentence(&self.visit);
        let text = if detail.is_empty() {
            sentence
        } else {
            format!("{sentence} ({detail})")
        };
        self.ask(trouble.status(), entry, vec![Mistake::new(&field, text)])
    }

    fn done(&self, deed: &Deed, taken: &Taken) -> Response {
        let key = match taken.state {
            None => "act.duplicate",
            Some(EventState::Overtaken) => "act.overtaken",
            Some(EventState::Waiting) => "act.waits",
            Some(_) => "act.done",
        };
        let to = if self.act.is_contractors() && self.case.is_none() {
            "/bonds".to_owned()
        } else {
            cases::path(&deed.procurement)
        };
        let what = self.text("act_title");
        self.visit.done(&to, key, &[("act", &what)])
    }
}

/// Whether the visitor is one to report this, whatever the case.
fn may_tell(visit: &Visit, act: Act) -> bool {
    let of_hub = visit.viewer().is_some_and(|viewer| viewer.party.is_none());
    let role = if act.is_contractors() {
        Role::Contractor
    } else {
        Role::Owner
    };
    of_hub || visit.party_roles().contains(&role)
}
