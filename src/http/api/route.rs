//! A row of the table of operations.

use std::sync::Arc;

use axum::{
    handler::Handler,
    http::Method,
    routing::{self, MethodRouter},
};
use bondhub_core::account::Permission;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use crate::http::Http;

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Anybody.
    Nobody,
    /// Whoever sends a key that works: it is part of the request.
    Key,
    /// Whoever may send events: the installation's token, or an account's.
    Events,
    /// An account with this permission.
    May(Permission),
    /// An account with one of these permissions.
    MayEither(Permission, Permission),
}

/// Makes the schema of a type.
pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// What comes in with a request.
pub(super) enum Body {
    /// Nothing.
    None,
    /// JSON.
    Json {
        /// Its schema.
        schema: SchemaOf,
        /// Whether it may be left out.
        optional: bool,
    },
    /// Bytes: what they are.
    Bytes(&'static str),
    /// Bytes (what they are), or JSON with more beside them.
    Either(&'static str, SchemaOf),
    /// Events, as CONTRACT §1 has them.
    Events,
}

/// What goes out.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) says: &'static str,
    pub(super) media: &'static str,
    pub(super) schema: Option<SchemaOf>,
}

/// One operation.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path behind [`super::BASE`], with axum's parameters.
    pub path: &'static str,
    /// Its name in the document.
    pub id: &'static str,
    /// Who may call it.
    pub need: Need,
    pub(super) says: &'static str,
    pub(super) query: Option<SchemaOf>,
    pub(super) body: Body,
    pub(super) answer: Answer,
    /// A body as the demonstration might send it.
    pub(super) example: Option<fn() -> Value>,
    pub(super) is_large: bool,
    pub(super) handler: MethodRouter<Arc<Http>>,
}

impl Route {
    fn new(
        method: Method,
        path: &'static str,
        id: &'static str,
        handler: MethodRouter<Arc<Http>>,
    ) -> Self {
        Self {
            method,
            path,
            id,
            need: Need::Nobody,
            says: "",
            query: None,
            body: Body::None,
            answer: Answer {
                status: 200,
                says: "Done.",
                media: "application/json",
                schema: None,
            },
            example: None,
            is_large: false,
            handler,
        }
    }

    /// A question.
    pub(super) fn get<H, T>(path: &'static str, id: &'static str, handler: H) -> Self
    where
        H: Handler<T, Arc<Http>>,
        T: 'static,
    {
        Self::new(Method::GET, path, id, routing::get(handler))
    }

    /// An act.
    pub(super) fn post<H, T>(path: &'static str, id: &'static str, handler: H) -> Self
    where
        H: Handler<T, Arc<Http>>,
        T: 'static,
    {
        Self::new(Method::POST, path, id, routing::post(handler))
    }

    /// A replacement.
    pub(super) fn put<H, T>(path: &'static str, id: &'static str, handler: H) -> Self
    where
        H: Handler<T, Arc<Http>>,
        T: 'static,
    {
        Self::new(Method::PUT, path, id, routing::put(handler))
    }

    /// An end.
    pub(super) fn delete<H, T>(path: &'static str, id: &'static str, handler: H) -> Self
    where
        H: Handler<T, Arc<Http>>,
        T: 'static,
    {
        Self::new(Method::DELETE, path, id, routing::delete(handler))
    }

    /// Who may call, and what it is for.
    pub(super) fn needs(self, need: Need, says: &'static str) -> Self {
        Self { need, says, ..self }
    }

    /// The members of `Q` may be asked with.
    pub(super) fn query<Q: JsonSchema>(self) -> Self {
        Self {
            query: Some(schema_of::<Q>),
            ..self
        }
    }

    /// JSON comes in.
    pub(super) fn takes<B: JsonSchema>(self) -> Self {
        let body = Body::Json {
            schema: schema_of::<B>,
            optional: false,
        };
        Self { body, ..self }
    }

    /// Something else comes in.
    pub(super) fn takes_body(self, body: Body) -> Self {
        Self { body, ..self }
    }

    /// Bytes come in, or JSON.
    pub(super) fn takes_either<B: JsonSchema>(self, says: &'static str) -> Self {
        let body = Body::Either(says, schema_of::<B>);
        Self { body, ..self }
    }

    /// As much may come in as the settings allow for uploads.
    pub(super) fn large(self) -> Self {
        Self {
            is_large: true,
            ..self
        }
    }

    /// JSON that may be left out comes in.
    pub(super) fn may_take<B: JsonSchema>(self) -> Self {
        let body = Body::Json {
            schema: schema_of::<B>,
            optional: true,
        };
        Self { body, ..self }
    }

    /// What comes in looks so.
    pub(super) fn like(self, example: fn() -> Value) -> Self {
        Self {
            example: Some(example),
            ..self
        }
    }

    /// JSON goes out.
    pub(super) fn answers<A: JsonSchema>(self, status: u16, says: &'static str) -> Self {
        let answer = Answer {
            status,
            says,
            media: "application/json",
            schema: Some(schema_of::<A>),
        };
        Self { answer, ..self }
    }

    /// Nothing but the status goes out.
    pub(super) fn answers_nothing(self, says: &'static str) -> Self {
        let answer = Answer {
            status: 204,
            says,
            media: "",
            schema: None,
        };
        Self { answer, ..self }
    }

    /// Something else goes out.
    pub(super) fn answers_with(self, media: &'static str, says: &'static str) -> Self {
        let answer = Answer {
            status: 200,
            says,
            media,
            schema: None,
        };
        Self { answer, ..self }
    }
}
