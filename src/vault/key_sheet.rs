//! A key on paper (R14): for a contractor without mail. What a printed page shows of a key file: the
//! key in groups that can be typed, its check group, and a QR code that a scanner types.

use std::fmt::Write as _;

use bondhub_core::{
    key::{KeyFile, KeyFileError},
    party::Language,
};
use qrcodegen::{QrCode, QrCodeEcc, QrSegment};
use zeroize::Zeroizing;

/// Modules of white around a QR code, as its standard asks (ISO/IEC 18004).
const QUIET: i32 = 4;

/// The parts of a printed key. They hold the secret: show them once and keep nothing.
pub struct KeySheet {
    /// The issuer's number for the bond.
    pub bond: String,
    /// The bond's version.
    pub version: u32,
    /// The key's public name, in groups of four.
    pub name: Vec<String>,
    /// The secret, in groups of four.
    pub secret: Zeroizing<Vec<String>>,
    /// The last group: it tells a typing error.
    pub check: String,
    /// A QR code of the whole key as an SVG picture.
    pub qr_svg: Zeroizing<String>,
}

impl KeySheet {
    /// What is printed of a key file.
    pub fn of(file: &[u8]) -> Result<Self, KeyFileError> {
        let file = KeyFile::parse(file)?;
        let text = file.token.to_text();
        let groups: Vec<&str> = text.split('-').collect();
        let (check, groups) = groups.split_last().unwrap_or((&"", &[]));
        let own = |range: &[&str]| range.iter().map(|group| (*group).to_owned()).collect();
        let (name, secret) = groups.split_at_checked(5).unwrap_or((groups, &[]));
        Ok(Self {
            bond: file.bond.as_str().to_owned(),
            version: file.revision,
            name: own(name),
            secret: Zeroizing::new(own(secret)),
            check: (*check).to_owned(),
            qr_svg: qr_svg(&Zeroizing::new(text.replace('-', ""))),
        })
    }
}

/// A QR code as SVG: one path, no style of its own, readable by a screen reader as a picture with a name.
///
/// The letters of a key are those of the alphanumeric mode, so 75 of them make a small code (33 modules).
fn qr_svg(text: &str) -> Zeroizing<String> {
    let segments = QrSegment::make_segments(text);
    let Ok(code) = QrCode::encode_segments(&segments, QrCodeEcc::Medium) else {
        return Zeroizing::new(String::new());
    };
    let side = code.size() + 2 * QUIET;
    let mut svg = Zeroizing::new(String::with_capacity(16 * 1024));
    let head = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" role=\"img\" \
         shape-rendering=\"crispEdges\"><title>QR</title>\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path fill=\"#000\" d=\""
    );
    let drawn = head.and_then(|()| draw(&code, &mut svg));
    debug_assert!(drawn.is_ok(), "writing to a string cannot fail");
    svg.push_str("\"/></svg>");
    svg
}

/// Black modules as horizontal bars.
fn draw(code: &QrCode, svg: &mut String) -> std::fmt::Result {
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let length = (x..code.size())
                .take_while(|x| code.get_module(*x, y))
                .count();
            let length = i32::try_from(length).unwrap_or_default();
            if length > 0 {
                write!(svg, "M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET)?;
            }
            x += length.max(1);
        }
    }
    Ok(())
}

/// What whoever gets a key on paper or on a disc must know, one sentence each.
pub fn instructions(language: Language) -> [&'static str; 5] {
    match language {
        Language::Ja => [
            "これは電子ボンドを開くための認証キーです。キーを持つ者はボンドを閲覧できますので、第三者に渡さず、厳重に保管してください。",
            "ハブの画面「ボンドを開く」で、キーのファイルを読み込むか、キーの文字を入力してください。QRコードを読み取って入力することもできます。",
            "大文字と小文字、空白、ハイフンの有無は問いません。O（オー）は0（ゼロ）、I（アイ）とL（エル）は1（イチ）として読みます。最後の4文字は入力誤りを見つけるための検査文字です。",
            "このキーの発行と同時に、同じ役割の以前のキーは使えなくなりました。ボンドが変更されるとこのキーも使えなくなり、新しいキーが発行されます。",
            "キーを紛失したとき、他人に知られたおそれのあるときは、直ちに発行機関またはハブの運用担当者に連絡し、失効を依頼してください。",
        ],
        Language::En => [
            "This is the authentication key that opens an electronic bond. Whoever has it can look at the bond: keep it safe and pass it to nobody.",
            "On the hub's page \"Open a bond\", give the key file or type the key; a scanner can type it from the QR code.",
            "Capitals, blanks and dashes do not matter. O is read as 0, I and L as 1. The last four letters find typing errors.",
            "With this key's issue the earlier key of the same role stopped working. When the bond is changed this key stops working too, and a new one is issued.",
            "If the key is lost, or somebody else may know it, tell the issuer or the hub's operator at once and have it revoked.",
        ],
    }
}

/// The text that lies beside a key file in a folder or on a disc, Japanese first.
pub fn how_to(bond: &str, version: u32, file: &str, with_certificate: bool) -> String {
    let head = [
        (
            Language::Ja,
            format!(
                "電子ボンド認証キー\r\nボンド番号: {bond}（第{version}版）\r\nキーのファイル: {file}"
            ),
        ),
        (
            Language::En,
            format!(
                "Authentication key for an electronic bond\r\nBond number: {bond} (version {version})\r\nKey file: {file}"
            ),
        ),
    ];
    let mut text = String::new();
    for (language, title) in head {
        text.push_str(&title);
        text.push_str("\r\n\r\n");
        for sentence in instructions(language) {
            text.push_str("- ");
            text.push_str(sentence);
            text.push_str("\r\n");
        }
        text.push_str("\r\n");
        text.push_str(&check(language, file, with_certificate));
        text.push_str("\r\n\r\n");
    }
    text
}

/// How to check the signature of the key without the hub.
fn check(language: Language, file: &str, with_certificate: bool) -> String {
    let commands = if with_certificate {
        format!("    bondhub key verify {file} --certificate issuer.pem")
    } else {
        format!("    bondhub key verify {file}")
    };
    let sentence = match language {
        Language::Ja => {
            "発行機関の電子署名は、ハブに接続しなくても次のコマンドで検証できます。issuer.pem は発行機関の証明書です。発行機関が公表する指紋と照合してください。"
        }
        Language::En => {
            "The issuer's electronic signature can be checked without the hub. issuer.pem is the issuer's certificate: compare its fingerprint with what the issuer publishes."
        }
    };
    format!("{sentence}\r\n\r\n{commands}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../docs/key-file.md");

    /// The key file that the documentation shows.
    fn documented() -> Vec<u8> {
        let (_, rest) = PAGE.split_once("BOND-KEY-FILE: 1").unwrap();
        let (file, _) = rest.split_once("-----END CMS-----").unwrap();
        format!("BOND-KEY-FILE: 1{file}-----END CMS-----\n").into_bytes()
    }

    #[test]
    fn a_printed_key_types_back_to_the_same_key() {
        let sheet = KeySheet::of(&documented()).unwrap();
        let typed = [sheet.name.join(" "), sheet.secret.join(" ")].join(" ") + &sheet.check;
        let token = bondhub_core::key::Token::parse(&typed.to_lowercase()).unwrap();
        let file = KeyFile::parse(&documented()).unwrap();
        assert_eq!(*token.to_text(), *file.token.to_text());
        assert_eq!(
            (sheet.name.len(), sheet.secret.len(), sheet.check.len()),
            (5, 13, 4)
        );
        assert_eq!((sheet.bond.as_str(), sheet.version), ("B-2026-000123", 2));
    }

    #[test]
    fn the_code_is_small_because_every_letter_is_alphanumeric() {
        let sheet = KeySheet::of(&documented()).unwrap();
        assert!(sheet.qr_svg.contains("viewBox=\"0 0 41 41\""));
        assert!(!sheet.qr_svg.contains("style"));
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let text = how_to("B-1", 1, "B-1.bondkey", true);
        assert_eq!(text.matches("\r\n- ").count(), 10);
        assert_eq!(text.matches("--certificate issuer.pem").count(), 2);
    }
}
