//! The OpenAPI document (3.1), made of the table of routes.

use axum::Json;
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    BASE, Need, Route,
    route::{Answer, Body, SchemaOf},
};

/// The rows.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/openapi.json", "describe", describe)
            .needs(Need::Nobody, "This document.")
            .answers::<Map<String, Value>>(200, "The OpenAPI document of this API."),
    ]
}

async fn describe() -> Json<Value> {
    Json(super::document())
}

/// An error (RFC 9457).
#[derive(Serialize, JsonSchema)]
struct Problem {
    /// Always `about:blank`: the status says what kind of error it is.
    r#type: String,
    /// What happened, in a few words.
    title: String,
    /// The status of the answer.
    status: u16,
    /// What happened, where, and what to do.
    detail: String,
    /// JSON pointer to what is wrong, where that is known.
    pointer: Option<String>,
}

/// The document.
pub(super) fn document(routes: &[Route]) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<Problem>();
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let path = format!("{BASE}{}", route.path);
        let operation = operation(route, &mut generator, &problem);
        let methods = paths.entry(path).or_insert_with(|| json!({}));
        if let Some(methods) = methods.as_object_mut() {
            methods.insert(route.method.as_str().to_lowercase(), operation);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "bondhub",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Electronic bonds in public-works procurement: the vault, bonds and their cases, \
                the hub's events, mails and tasks, parties, and the audit log. Errors are \
                application/problem+json (RFC 9457).",
            "license": {"name": "Apache-2.0 OR MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "token": {
                    "type": "http", "scheme": "bearer",
                    "description": "A token of an account (`bondhub account token add`), or the installation's http.api_token.",
                },
            },
        },
    })
}

fn operation(route: &Route, generator: &mut SchemaGenerator, problem: &Schema) -> Value {
    let mut operation = json!({
        "operationId": route.id,
        "summary": route.says,
        "tags": [tag(route)],
        "parameters": parameters(route),
        "responses": responses(route, generator, problem),
    });
    let Some(members) = operation.as_object_mut() else {
        return operation;
    };
    if let Some(permission) = permission(route.need) {
        members.insert("security".to_owned(), json!([{"token": []}]));
        members.insert("x-permission".to_owned(), json!(permission));
    } else if matches!(route.need, Need::Events | Need::Key) {
        members.insert("security".to_owned(), json!([{"token": []}, {}]));
    }
    if let Some(body) = body(route, generator) {
        members.insert("requestBody".to_owned(), body);
    }
    operation
}

/// The first word of the path.
fn tag(route: &Route) -> &str {
    let word = route.path.trim_start_matches('/').split('/').next();
    word.unwrap_or_default().trim_end_matches(".json")
}

fn permission(need: Need) -> Option<String> {
    match need {
        Need::Nobody | Need::Key | Need::Events => None,
        Need::May(one) => Some(one.as_str().to_owned()),
        Need::MayEither(one, other) => Some(format!("{one} or {other}")),
    }
}

/// The parameters: those of the path, and the members of the query's schema.
fn parameters(route: &Route) -> Vec<Value> {
    let parts = route.path.split('/');
    let names = parts.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let path = names.map(|name| {
        let format = if name == "id" {
            json!({"type": "string", "format": "uuid"})
        } else {
            json!({"type": "string", "minLength": 1, "maxLength": 200})
        };
        let mut parameter = json!({"name": name, "in": "path", "required": true, "schema": format});
        if let (Some(example), Some(members)) = (example(name), parameter.as_object_mut()) {
            members.insert("example".to_owned(), example.into());
        }
        parameter
    });
    path.chain(route.query.map(queried).unwrap_or_default())
        .collect()
}

/// Names as the demonstration has them.
fn example(name: &str) -> Option<&'static str> {
    match name {
        "issuer" => Some("S001"),
        "number" => Some("B-2026-0001"),
        "procurement" => Some("ocds-jp0001-R8-0042"),
        "party" => Some("C101"),
        _ => None,
    }
}

fn queried(schema: SchemaOf) -> Vec<Value> {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let schema = schema(&mut settings.into_generator()).to_value();
    let required = schema.get("required").cloned().unwrap_or_default();
    let is_required = |name: &str| {
        required
            .as_array()
            .is_some_and(|all| all.contains(&json!(name)))
    };
    let members = schema.get("properties").and_then(Value::as_object);
    members
        .into_iter()
        .flatten()
        .map(|(name, schema)| {
            let mut schema = schema.clone();
            let says = schema.get("description").cloned().unwrap_or_default();
            without_null(&mut schema);
            json!({"name": name, "in": "query", "required": is_required(name), "schema": schema,
                   "description": says})
        })
        .collect()
}

/// A parameter that may be left out is not one that may be null.
fn without_null(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else {
        return;
    };
    members.remove("description");
    members.remove("default");
    if let Some(Value::Array(kinds)) = members.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [kind] = kinds.as_slice() {
            let kind = kind.clone();
            members.insert("type".to_owned(), kind);
        }
    }
    if let Some(Value::Array(words)) = members.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    if let Some(Value::Array(choices)) = members.remove("anyOf") {
        let one = choices
            .into_iter()
            .find(|one| one.get("type") != Some(&json!("null")));
        if let Some(Value::Object(one)) = one {
            members.extend(one);
        }
    }
}

fn body(route: &Route, generator: &mut SchemaGenerator) -> Option<Value> {
    let (content, required) = match &route.body {
        Body::None => return None,
        Body::Json { schema, optional } => {
            let schema = schema(generator);
            (json!({"application/json": {"schema": schema}}), !optional)
        }
        Body::Bytes(says) => {
            let schema = json!({"type": "string", "format": "binary", "description": says});
            (
                json!({"application/octet-stream": {"schema": schema}}),
                true,
            )
        }
        Body::Either(says, schema) => {
            let file = json!({"type": "string", "format": "binary", "description": says});
            let content = json!({
                "application/octet-stream": {"schema": file},
                "application/json": {"schema": schema(generator)},
            });
            (content, true)
        }
        Body::Events => {
            let event = json!({"type": "object"});
            let events = json!({"type": "array", "items": {"type": "object"}, "minItems": 1});
            let content = json!({
                "application/cloudevents+json": {"schema": event},
                "application/cloudevents-batch+json": {"schema": events},
                "application/json": {"schema": {"anyOf": [event, events]}},
            });
            (content, true)
        }
    };
    let mut content = content;
    let json = content
        .get_mut("application/json")
        .and_then(Value::as_object_mut);
    if let (Some(example), Some(json)) = (route.example, json) {
        json.insert("example".to_owned(), example());
    }
    Some(json!({"required": required, "content": content}))
}

fn responses(route: &Route, generator: &mut SchemaGenerator, problem: &Schema) -> Value {
    let Answer {
        status,
        says,
        media,
        schema,
    } = &route.answer;
    let mut responses = Map::new();
    let content = match schema {
        Some(schema) => json!({*media: {"schema": schema(generator)}}),
        None if *status == 204 => json!({}),
        None => json!({*media: {"schema": {"type": "string"}}}),
    };
    let mut answer = json!({"description": says});
    if let (Some(members), false) = (answer.as_object_mut(), *status == 204) {
        members.insert("content".to_owned(), content);
    }
    responses.insert(status.to_string(), answer);
    for (status, says) in problems(route) {
        let content = json!({"application/problem+json": {"schema": problem}});
        let answer = json!({"description": says, "content": content});
        responses.insert(status.to_string(), answer);
    }
    Value::Object(responses)
}

/// The errors an operation may answer with.
fn problems(route: &Route) -> Vec<(u16, &'static str)> {
    let mut problems = vec![
        (500, "The hub failed."),
        (
            503,
            "The database or the queue is not available; try again later.",
        ),
    ];
    let named = route.path.contains('{');
    let sends = !matches!(route.body, Body::None);
    if named || sends || route.query.is_some() {
        problems.push((400, "The request cannot be understood."));
    }
    if !matches!(route.need, Need::Nobody | Need::Key) {
        problems.push((401, "No token, or one that does not work."));
    }
    if permission(route.need).is_some() {
        problems.push((403, "The account may not do this."));
    }
    if named || matches!(route.body, Body::Json { .. } | Body::Either(..)) {
        problems.push((404, "Something that is named does not exist."));
    }
    if sends {
        problems.push((413, "The request is too large."));
    }
    if sends || named || route.query.is_some() {
        problems.push((422, "Understood, and not acceptable; the detail says why."));
    }
    if route.need == Need::Nobody && named {
        problems.push((429, "Too many attempts; the detail says when to try again."));
    }
    if route.need == Need::Key {
        problems.push((401, "A token was sent along that does not work."));
        problems.push((
            403,
            "The key opens nothing, or more than the key is asked for.",
        ));
        problems.push((429, "Too many attempts; the detail says when to try again."));
    }
    problems
}
