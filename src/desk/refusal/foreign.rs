//! What other rooms refuse, as sentences in both languages, and as refusals of the desk.

use bondhub_core::{
    account::RoleError,
    authentication::TooWeak,
    identifier::IdentifierError,
    key::{KeyFileError, TokenError},
    liability::{Blocked, SpanError},
    money::MoneyError,
    party::Language,
    ports::{openpgp::CertificateRefusal, passkey::PasskeyRefusal, signing::SignError},
};

use super::Refusal;
use crate::desk::{DeskError, PasswordError, SignInRefusal};

/// Something that is told in both languages.
pub(crate) trait Spoken: std::fmt::Display {
    /// The Japanese sentence.
    fn in_japanese(&self) -> String;

    /// The sentence in the reader's language.
    fn told(&self, language: Language) -> String {
        match language {
            Language::Ja => self.in_japanese(),
            Language::En => sentence(&self.to_string()),
        }
    }
}

/// An error's text as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    let end = if text.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{}{}{end}", first.unwrap_or_default(), letters.as_str())
}

impl Spoken for CertificateRefusal {
    fn in_japanese(&self) -> String {
        match self {
            Self::Unreadable(_) => {
                "OpenPGP 証明書ではありません。gpg --armor --export の出力をお送りください。".to_owned()
            }
            Self::Several => {
                "ファイルに複数の証明書が入っています。1つだけお送りください。".to_owned()
            }
            Self::TooLarge(bytes) => format!(
                "証明書が大きすぎます（{bytes}バイト、最大65,536バイト）。--export-options export-minimal を付けて書き出してください。"
            ),
            Self::Secret => "これは【秘密鍵】です。保存していません。漏えいしたものとして失効させ、公開用の証明書をお送りください。".to_owned(),
            Self::Expired(at) => format!(
                "証明書の期限が切れています（{}）。gpg --quick-set-expire で延長してください。",
                at.format("%Y-%m-%d")
            ),
            Self::Revoked => {
                "証明書は所有者によって失効されています。後継の証明書をお送りください。".to_owned()
            }
            Self::NoEncryptionKey => {
                "証明書に、暗号化に使える副鍵がありません。gpg --quick-add-key で追加してください。".to_owned()
            }
            Self::OtherAddress(address) => format!(
                "証明書に、登録されたメールアドレス（{address}）のユーザー ID がありません。gpg --quick-add-uid で追加してください。"
            ),
            Self::Weak(_) => {
                "証明書が、安全でなくなったアルゴリズムに頼っています。更新してください。".to_owned()
            }
        }
    }
}

impl Spoken for SignError {
    fn in_japanese(&self) -> String {
        match self {
            Self::Unreadable(_) => {
                "鍵または証明書を読み取れません。ファイルとパスワードをご確認ください。".to_owned()
            }
            Self::Unsuitable(_) => "この証明書は使用できません。".to_owned(),
            Self::Unavailable(_) => {
                "署名鍵のあるトークンに接続できません。しばらくしてからもう一度お試しください。"
                    .to_owned()
            }
            Self::Failed(_) => "署名に失敗しました。".to_owned(),
        }
    }
}

impl Spoken for TokenError {
    fn in_japanese(&self) -> String {
        match self {
            Self::Prefix => "認証キーは「BK1-」で始まります。",
            Self::Letter => "認証キーに使われない文字が含まれています。",
            Self::Length => "認証キーは、BK1- の後に72文字あります。",
            Self::Check => "認証キーに入力の誤りがあります（検査文字が合いません）。",
        }
        .to_owned()
    }
}

impl Spoken for KeyFileError {
    fn in_japanese(&self) -> String {
        match self {
            Self::TooLong => "ファイルが大きすぎます。認証キーのファイルではありません。".to_owned(),
            Self::NotAKeyFile => {
                "認証キーのファイルではありません（BOND-KEY-FILE: で始まる行がありません）。".to_owned()
            }
            Self::Version => "この認証キーファイルの版には対応していません。".to_owned(),
            Self::SeveralBlocks => {
                "ファイルに、複数の認証キーまたは署名が入っています。".to_owned()
            }
            Self::Header(line) => format!("ヘッダー行「{line}」がないか、形式が違います。"),
            Self::Token(error) => error.in_japanese(),
            Self::Block => {
                "署名部分（BEGIN CMS から END CMS まで）がないか、途中で切れているか、壊れています。"
                    .to_owned()
            }
            Self::Trailing => {
                "署名部分の後に余分な文字があります。認証キーのファイルだけを保存してください。".to_owned()
            }
            Self::OtherKey => "署名は、この認証キーについてのものではありません。".to_owned(),
            Self::OtherBond => "ヘッダー行「Bond」が、署名された内容と異なります。".to_owned(),
            Self::OtherRevision => {
                "ヘッダー行「Revision」が、署名された内容と異なります。".to_owned()
            }
        }
    }
}

impl Spoken for TooWeak {
    fn in_japanese(&self) -> String {
        format!("{}。", self.sentence(Language::Ja))
    }
}

impl From<PasswordError> for DeskError {
    fn from(error: PasswordError) -> Self {
        let refusal = match error {
            PasswordError::Short(least) => Refusal::PasswordShort { least },
            PasswordError::Long(most) => Refusal::PasswordLong { most },
            PasswordError::Easy => Refusal::PasswordEasy,
            PasswordError::Common => Refusal::PasswordCommon,
            PasswordError::Failed(cause) => return Self::Failed(cause),
        };
        refusal.into()
    }
}

impl From<SignInRefusal> for DeskError {
    fn from(refusal: SignInRefusal) -> Self {
        match refusal {
            SignInRefusal::Wrong => Refusal::WrongPassword.into(),
            SignInRefusal::Later { seconds } => Refusal::TooManyFailures { seconds }.into(),
            SignInRefusal::Desk(error) => error,
        }
    }
}

impl From<PasskeyRefusal> for Refusal {
    fn from(refusal: PasskeyRefusal) -> Self {
        match refusal {
            PasskeyRefusal::HolderNotVerified => Self::PasskeyHolderNotVerified,
            PasskeyRefusal::Unreadable(_)
            | PasskeyRefusal::OtherQuestion(_)
            | PasskeyRefusal::OtherAlgorithm
            | PasskeyRefusal::WrongSignature => Self::PasskeyUnusable {
                cause: refusal.to_string(),
            },
        }
    }
}

impl From<RoleError> for Refusal {
    fn from(error: RoleError) -> Self {
        match error {
            RoleError::None => Self::NoRole,
            RoleError::NeedsParty(role) => Self::RoleNeedsParty { role },
            RoleError::ForbidsParty(role) => Self::RoleForbidsParty { role },
        }
    }
}

impl From<Blocked> for Refusal {
    fn from(blocked: Blocked) -> Self {
        match blocked {
            Blocked::AnotherIssuer => Self::AnotherIssuersFigures,
            Blocked::AnotherContractor => Self::AnotherOwnersContractor,
            Blocked::NoConsent => Self::NoConsentToFigures,
            Blocked::NotYours => Self::FiguresOfOthers,
        }
    }
}

macro_rules! with_cause {
    ($($error:ty => $name:ident),+ $(,)?) => {
        $(impl From<$error> for Refusal {
            fn from(error: $error) -> Self {
                Self::$name { cause: error.to_string() }
            }
        })+
    };
}
with_cause!(SpanError => Span, MoneyError => Money, IdentifierError => Code);
