//! What is understood and not acceptable: each refusal with its sentence in both languages, side by side, so that none can be
//! forgotten (R63).
//!
//! The English text is lower case and without full stop, as errors are written; [`Refusal::sentence`] makes a sentence of it for
//! pages.

mod foreign;
#[cfg(test)]
mod tests;

use std::fmt;

use bondhub_core::{
    account::{AccountName, Permission, Role as AccountRole},
    bond::BondState,
    identifier::{BondId, PartyCode},
    party::{Language, Role},
};
use uuid::Uuid;

pub(crate) use foreign::Spoken;

/// Declares the refusals: what is named in the sentence, the English text, the Japanese sentence.
macro_rules! refusals {
    ($($(#[$doc:meta])+ $name:ident $({ $($field:ident: $type:ty),+ })? = $en:literal, $ja:literal;)+) => {
        /// Why something is refused.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Refusal {
            $($(#[$doc])+ $name $({ $(#[doc = "Named in the sentence."] $field: $type),+ })?,)+
        }

        impl Refusal {
            fn in_english(&self) -> String {
                match self {
                    $(Self::$name $({ $($field),+ })? => format!($en),)+
                }
            }

            #[expect(unused_variables, reason = "a Japanese sentence may name less than the English one")]
            fn in_japanese(&self) -> String {
                match self {
                    $(Self::$name $({ $($field),+ })? => format!($ja),)+
                }
            }

            /// One of each.
            #[cfg(test)]
            fn one_of_each() -> Vec<Self> {
                vec![$(Self::$name $({ $($field: tests::Sample::sample()),+ })?,)+]
            }
        }
    };
}

refusals! {
    // Bonds, keys and documents.
    /// What was handed in is no signed document.
    NotCms = "this is no CMS block; sign it with `bondhub bond sign`",
        "署名済みの文書（CMS）ではありません。";
    /// More than one block where one is asked for: none of them is taken.
    SeveralBlocks = "the file holds several signed blocks (BEGIN to END); hand each in by itself",
        "ファイルに、複数の署名済みブロック（BEGIN から END まで）が入っています。1つずつ提出してください。";
    /// What a reader of the file sees and no signature covers.
    TextAroundBlock = "text stands before or after the signed block (BEGIN to END); hand in the block alone",
        "署名済みブロック（BEGIN から END まで）の前または後に、余分な文字があります。ブロックだけを提出してください。";
    /// The document is another issuer's.
    OtherIssuersDocument { issuer: PartyCode } = "the document is not one of {issuer}",
        "この文書は、{issuer}の文書ではありません。";
    /// The identity of an event is known with other content (R34).
    OtherContent = "the event is known with other content",
        "同じ識別子の、内容の異なるイベントがすでにあります。";
    /// Only the contractor hands over (R14).
    NotTheContractorsKey { role: Role } = "this is the {role}'s key; the contractor hands a bond over",
        "この認証キーは受注者のものではありません。ボンドを受け渡せるのは受注者だけです。";
    /// Only the owner agrees to a deletion.
    NotTheOwnersKey { role: Role } = "this is the {role}'s key; only the owner can agree",
        "この認証キーは発注者のものではありません。削除に同意できるのは発注者だけです。";
    /// The bond is over.
    BondWithoutKeys { bond: BondId, state: BondState } = "bond {bond} is {state}: it has no keys",
        "ボンド{bond}は終了しているため、認証キーはありません。";
    /// An operator revoked the role's keys.
    KeysWithheld { role: Role, reason: String } =
        "the {role}'s keys were revoked ({reason}); `bondhub key revoke --reissue` lets it have one again",
        "認証キーは運用担当者によって失効されています（{reason}）。再発行は運用担当者にお申し出ください。";
    /// The owner was not handed the bond.
    NotHandedOver { bond: BondId } = "bond {bond} was not handed over to its owner, who therefore has no key",
        "ボンド{bond}は発注者にまだ受け渡されていないため、発注者の認証キーはありません。";
    /// Nobody holds such a key.
    NoKeyAs { bond: BondId, role: Role } = "nobody holds a key to bond {bond} as {role}",
        "ボンド{bond}には、この立場の認証キーはありません。";
    /// The key shown opens another bond than the page is about.
    KeyOfAnotherBond = "this key opens another bond",
        "この認証キーは、別のボンドのものです。";
    /// Somebody else's key.
    KeyOfOthers { bond: BondId, role: Role } = "the {role}'s key to {bond} is for its holder's own people to take",
        "ボンド{bond}のこの認証キーを受け取れるのは、その当事者の担当者だけです。";
    /// The party has to be added first.
    UnknownParty { party: PartyCode } = "{party} is not known; add the party first",
        "{party}は登録されていません。先に当事者を登録してください。";
    /// Something else came in between.
    BondChanged { bond: BondId } = "bond {bond} has changed meanwhile; look at it again",
        "ボンド{bond}は、その間に変更されました。もう一度ご確認ください。";
    /// Only reservations are taken over (R6).
    NoReservation { bond: BondId } = "bond {bond} is no reservation",
        "ボンド{bond}は、履行ボンドの予約ではありません。";
    /// Revoking keys needs a reason.
    RevocationReason = "a reason of 1 to 500 letters is needed",
        "理由を1文字以上500文字以内で入力してください。";

    // Signatures of keys.
    /// No statement of a key.
    NotAKeyStatement = "this is no signed statement of a key",
        "認証キーの署名済みステートメントではありません。";
    /// Nothing waits for it.
    NotAwaited { kid: String } = "no key {kid} waits for a signature of this issuer",
        "この発行機関の署名を待っている認証キー（{kid}）はありません。";
    /// The signature does not verify.
    SignatureRejected { cause: String } = "{cause}",
        "署名を受け付けられません（{cause}）。";
    /// Another statement was signed.
    OtherStatementSigned = "what was signed is not what waits for the signature",
        "署名されたものは、署名を待っているものと異なります。";

    // What only programs send.
    /// An entrusted key comes in one way.
    KeySource = "either a file or a token holds the key",
        "鍵は、ファイルかトークンのどちらか一方で指定してください。";
    /// Not base64.
    NotBase64 { member: String } = "/{member}: not base64",
        "{member}がbase64ではありません。";
    /// Lists of those who run the hub.
    OrderOfAll = "only a party lists its bonds in a role, or by their last change",
        "立場や更新順を指定できるのは、当事者の一覧だけです。";
    /// A party without a role.
    NoRoleOfParty { party: PartyCode } = "{party} has no role",
        "{party}には役割がありません。";
    /// Rates and thresholds out of range.
    RulesOutOfRange = "a rate is at most 100000 basis points, days at most 10000, and one rounds to at least 1",
        "率は100000ベーシスポイント以下、日数は10000以下、丸めの単位は1以上で指定してください。";
    /// What is wrong with a paper bond.
    PaperFault { cause: String } = "{cause}",
        "紙のボンドを登録できません（{cause}）。";

    // Copies.
    /// Embargo (R21).
    CopyBeforeOpening = "before the opening there is no copy",
        "開札日時より前は、写しを作成できません。";
    /// A grant is for looking only.
    CopyUnderGrant = "before the opening there is no copy, only a look",
        "開札日時より前は、閲覧だけが認められています。写しは作成できません。";
    /// The original is not here.
    CopyOfPaper = "the original of this bond is on paper",
        "このボンドの原本は紙のため、写しを作成できません。";
    /// An update came in between.
    CopyOfChanged = "the bond has changed meanwhile; look again",
        "ボンドはその間に変更されました。もう一度開いてください。";

    // Paper bonds.
    /// Electronic bonds end by their issuer's document.
    NotOnPaper { bond: BondId } = "bond {bond} is electronic; its issuer signs a deletion",
        "ボンド{bond}は電子のボンドです。削除には発行機関の署名が必要です。";
    /// Only issuers enter paper bonds.
    NotAnIssuer { party: PartyCode } = "{party} is no issuer",
        "{party}は発行機関ではありません。";
    /// A list that cannot be read.
    ListUnreadable { cause: String } = "the list cannot be read: {cause}",
        "一覧を読み取れません（{cause}）。";

    // Cases.
    /// Waivers are told with their reason (R7).
    WaiverWithoutReason = "a waiver needs a reason",
        "不備を許容する理由を入力してください。";
    /// What is fatal stays.
    FatalFinding { finding: String } = "`{finding}` is fatal: it cannot be waived, the bond must be changed",
        "この不備（{finding}）は重大なため、許容できません。ボンドの変更が必要です。";
    /// Nothing was said.
    EmptyAct = "the act is empty",
        "内容がありません。";
    /// Four eyes (E2).
    SecondPerson = "a second person confirms this: it signs in with an account of its own",
        "これには、別の人の確認が必要です。確認する人が、本人のアカウントでログインしてください。";
    /// Several may have the installation's token (E2).
    SharedToken = "a second person confirms this: the hub's shared token is nobody's word; take the token of an account",
        "これには、別の人の確認が必要です。ハブ共用のトークンでは確認できません。確認する人が、本人のアカウントで操作してください。";
    /// A report for somebody else.
    OnlyOperatorsReport = "only operators report for others",
        "他の当事者に代わって報告できるのは、運用担当者だけです。";
    /// A report about another owner's case.
    OnlyTheOwnerReports = "this is for the owner of the case to report",
        "この報告は、案件の発注者だけが行えます。";
    /// Not a procurement's id.
    ProcurementId { cause: String } = "the procurement's id: {cause}",
        "調達案件番号が正しくありません（{cause}）。";

    // Looking early.
    /// A grant needs a reason.
    GrantWithoutReason = "a grant needs a reason",
        "許可の理由を入力してください。";
    /// A grant in the past.
    GrantOver = "the grant would be over already",
        "許可の期限が過ぎています。";

    // Operations.
    /// Nothing to decide.
    MailSettled { mail: Uuid } = "{mail} is neither uncertain nor failed",
        "このメールは、不達でも送達不明でもありません。";
    /// Only what was set aside is sent again (R35).
    NotSetAside { event: Uuid, state: String } = "event {event} is {state}; only a set-aside one is sent again",
        "再送できるのは、保留されたイベントだけです。";

    /// The correction is no new event (R35).
    KnownAgain { event: Uuid } = "what was sent in place of event {event} is known already",
        "代わりに送信されたイベントは、すでに受け付けられています。";
    /// Nobody's change is lost, and this one did not come through.
    ChangedByOthers { what: String } = "{what} is being changed by others; try again",
        "ほかの操作と重なったため、変更できませんでした。もう一度お試しください。";

    // OpenPGP certificates.
    /// It was revoked, for good.
    CertificateRevoked { party: PartyCode, fingerprint: String, at: String } =
        "the certificate {fingerprint} of {party} was revoked at {at}; take another one",
        "この証明書（{fingerprint}）は失効しています。別の証明書をお使いください。";
    /// The party has it.
    CertificateKnown { party: PartyCode, fingerprint: String } = "{party} has the certificate {fingerprint} already",
        "この証明書（{fingerprint}）は、すでに登録されています。";
    /// Not 16 letters.
    NoEnrolmentCode = "this is no code: 16 letters and digits are expected",
        "確認コードではありません。16文字の英数字を入力してください。";
    /// Nothing waits, or it is over.
    NothingWaits { party: PartyCode } =
        "no certificate of {party} waits for a code, or its code has ended or was tried too often; begin again",
        "確認待ちの証明書がないか、コードの期限または入力回数を過ぎています。証明書の届出からやり直してください。";
    /// The last try.
    WrongCodeLast = "the code is wrong, and was the last that could be tried; begin again",
        "コードが違います。入力できる回数を使い切りました。証明書の届出からやり直してください。";
    /// One more.
    WrongCodeOneLeft = "the code is wrong; one more may be tried",
        "コードが違います。入力できるのは、あと1回です。";
    /// Several more.
    WrongCode { left: u32 } = "the code is wrong; {left} more may be tried",
        "コードが違います。入力できるのは、あと{left}回です。";
    /// The code has come back already.
    WaitsForOperator { party: PartyCode } = "the certificate of {party} is proven and waits for an operator's confirmation",
        "コードの確認は済んでいます。ハブの運用担当者の確認をお待ちください。";
    /// Nothing for an operator to confirm.
    NothingProven { party: PartyCode } = "no certificate of {party} was proven and waits for a confirmation",
        "{party}に、コードの確認が済んで承認を待つ証明書はありません。";
    /// The path names another party than the body.
    OtherParty { path: String, body: PartyCode } = "the path names party {path}, the body {body}",
        "パスの当事者（{path}）と内容の当事者（{body}）が異なります。";

    // Accounts.
    /// A permission is missing.
    AccountLacks { permission: Permission } = "this account lacks {permission}",
        "このアカウントには権限（{permission}）がありません。";
    /// An account of this name.
    AccountExists { account: AccountName } = "there is an account {account} already",
        "アカウント{account}は、すでにあります。";
    /// No role.
    NoRole = "an account needs a role",
        "役割を1つ以上選んでください。";
    /// A party's role without a party.
    RoleNeedsParty { role: AccountRole } = "{role} is a role of a party; name the party",
        "役割{role}には、当事者の指定が必要です。";
    /// A role of the hub for a party.
    RoleForbidsParty { role: AccountRole } = "{role} is a role of the hub; an account of a party cannot have it",
        "役割{role}は運用側の役割です。当事者のアカウントには付けられません。";
    /// Not in the IANA database.
    UnknownZone { zone: String } = "{zone} is no zone of the IANA database such as Asia/Tokyo",
        "「{zone}」という時間帯はありません。Asia/Tokyo のように入力してください。";
    /// The current password is wrong.
    WrongPassword = "the current password is not right",
        "現在のパスワードが違います。";
    /// A password too short.
    PasswordShort { least: usize } = "a password needs at least {least} characters",
        "パスワードは{least}文字以上にしてください。";
    /// A password too long.
    PasswordLong { most: usize } = "a password has at most {most} bytes",
        "パスワードが長すぎます（最大{most}バイト）。";
    /// One that everybody tries first.
    PasswordEasy = "this password is too easy to guess",
        "推測されやすいパスワードです。同じ文字の繰り返しや、アカウント名・会社名を含むものは使えません。";
    /// One of those that are known from leaks.
    PasswordCommon = "this password is one of the most used, and is tried first by whoever guesses",
        "よく使われるパスワードのため、使えません。ほかの人が思いつかないものにしてください。";
    /// Too many failures.
    TooManyFailures { seconds: i64 } = "too many failed attempts; try again in {seconds} s",
        "失敗が続いたため、しばらく操作できません。{seconds}秒後にもう一度お試しください。";
    /// A challenge or offer that is over.
    TookTooLong = "this took too long; begin again",
        "時間が経ちすぎました。最初からやり直してください。";
    /// No address for the app.
    NoAppAddress = "no address for the authenticator app",
        "認証アプリ用の情報を作成できません。";
    /// More passkeys than devices.
    PasskeyLimit { most: usize } = "an account has at most {most} passkeys; remove one first",
        "パスキーは{most}個までです。先に不要なものを削除してください。";
    /// Known already.
    PasskeyKnown = "this passkey is registered already",
        "このパスキーは、すでに登録されています。";
    /// What the browser answered cannot be used.
    PasskeyUnusable { cause: String } = "{cause}",
        "パスキーを確認できませんでした。もう一度お試しください。";
    /// Its holder was not verified.
    PasskeyHolderNotVerified = "the passkey did not verify its holder",
        "パスキーの本人確認（生体認証または端末の暗証番号）が行われていません。";
    /// A token without scopes.
    TokenWithoutScope = "a token needs a scope",
        "トークンの権限を1つ以上選んでください。";
    /// More than the account may.
    ScopeNotAllowed { account: AccountName, scope: Permission } = "the roles of {account} do not allow {scope}",
        "アカウント{account}の役割では、権限{scope}を持てません。";
    /// A name that is taken.
    TokenExists { account: AccountName, label: String } = "{account} has, or had, a token {label}; name it otherwise",
        "アカウント{account}には、トークン「{label}」がすでにあります（または、ありました）。別の名前にしてください。";
    /// Not a name.
    TokenName { cause: String } = "the token's name {cause}",
        "トークンの名前が正しくありません（{cause}）。";

    // Figures.
    /// R43.
    AnotherIssuersFigures = "an issuer sees its own figures and the total over all issuers, not another issuer's",
        "発行機関が確認できるのは、自らの残高と、全発行機関の合計です。";
    /// R43.
    AnotherOwnersContractor = "an owner sees the contractors of its cases",
        "発注者が確認できるのは、自らの案件の受注者の残高です。";
    /// R43.
    NoConsentToFigures = "the contractor has not agreed that issuers see its figures across issuers",
        "受注者が、発行機関をまたぐ残高の開示に同意していません。";
    /// R43.
    FiguresOfOthers = "a party sees the figures that concern it",
        "確認できるのは、自らに関わる残高だけです。";
    /// A span that ends before it begins, or never.
    Span { cause: String } = "{cause}",
        "期間の指定が正しくありません（{cause}）。";
    /// Not an amount or currency.
    Money { cause: String } = "{cause}",
        "金額または通貨が正しくありません（{cause}）。";
    /// A limit below zero.
    NegativeLimit = "/amount: a limit is not negative",
        "枠に負の金額は指定できません。";
    /// Not a code.
    Code { cause: String } = "the code {cause}",
        "コードが正しくありません（{cause}）。";
}

impl Refusal {
    /// The refusal as a sentence.
    pub fn sentence(&self, language: Language) -> String {
        match language {
            Language::Ja => self.in_japanese(),
            Language::En => foreign::sentence(&self.in_english()),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.in_english())
    }
}

impl std::error::Error for Refusal {}
