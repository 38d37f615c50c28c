//! The embedded templates: one environment per language, so that a macro speaks it too.

use bondhub_core::party::Language;
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value,
    syntax::SyntaxConfig,
    value::{Kwargs, Serde},
};

use super::{Catalogue, StringsError, assets::Assets};

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$((concat!($name, ".html"), include_str!(concat!("templates/", $name, ".html"))),)*]
    };
}

/// Name and text of each template.
pub(super) const TEMPLATES: &[(&str, &str)] = templates![
    "layout",
    "forms",
    "parts",
    "trouble",
    "home",
    "sign_in",
    "welcome",
    "one_time",
    "recovery_codes",
    "password",
    "account",
    "balances",
    "paper",
    "open",
    "opened",
    "bonds",
    "bond",
    "to_do",
    "cases",
    "case",
    "act",
    "rehearsed",
    "waive",
    "deletion",
    "settlement",
    "register",
    "prepare",
    "prepared",
    "sign",
    "my_key",
    "key_sheet",
    "verify",
    "certificates"
];

/// The templates and texts of both languages.
pub struct Templates {
    /// The texts.
    pub catalogue: std::sync::Arc<Catalogue>,
    ja: Environment<'static>,
    en: Environment<'static>,
}

/// Why the pages cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum TemplatesError {
    /// A text.
    #[error(transparent)]
    Strings(#[from] StringsError),
    /// A template.
    #[error("a template of the pages cannot be read")]
    Template(#[from] Error),
}

impl Templates {
    pub(super) fn new(assets: &Assets) -> Result<Self, TemplatesError> {
        let catalogue = std::sync::Arc::new(Catalogue::new()?);
        Ok(Self {
            ja: environment(Language::Ja, &catalogue, assets)?,
            en: environment(Language::En, &catalogue, assets)?,
            catalogue,
        })
    }

    /// A page: the template, what the layout needs (`page`), and what the page tells.
    pub(super) fn render(
        &self,
        language: Language,
        template: &str,
        frame: Value,
        tells: impl Into<Value>,
    ) -> Result<String, Error> {
        let environment = match language {
            Language::Ja => &self.ja,
            Language::En => &self.en,
        };
        let context = minijinja::context! { page => frame, ..tells.into() };
        environment
            .get_template(&format!("{template}.html"))?
            .render(context)
    }
}

fn environment(
    language: Language,
    catalogue: &std::sync::Arc<Catalogue>,
    assets: &Assets,
) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let mut syntax = SyntaxConfig::builder();
    let syntax = syntax.trim_blocks(true).lstrip_blocks(true).build()?;
    environment.set_syntax(syntax);
    let texts = std::sync::Arc::clone(catalogue);
    environment.add_function("t", move |key: &str, with: Kwargs| {
        text(&texts, language, key, &with)
    });
    for name in ["style", "app", "passkey", "mark"] {
        let path = assets.path(name).unwrap_or_default().to_owned();
        environment.add_global(format!("{name}_path"), Value::from_safe_string(path));
    }
    environment.add_global("lang", Value::from(Serde(language.as_str())));
    for &(name, text) in TEMPLATES {
        environment.add_template(name, text)?;
    }
    Ok(environment)
}

fn text(texts: &Catalogue, language: Language, key: &str, with: &Kwargs) -> Result<String, Error> {
    if !texts.has(key) {
        let problem = format!("no text {key}");
        return Err(Error::new(ErrorKind::InvalidOperation, problem));
    }
    let mut values = Vec::new();
    for name in with.args() {
        values.push((name, with.get::<Value>(name)?.to_string()));
    }
    let values: Vec<_> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    Ok(texts.text(language, key, &values))
}
