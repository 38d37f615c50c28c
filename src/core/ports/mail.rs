//! Mail: finished bytes on their way out. What they say was decided, and sealed, before.

use async_trait::async_trait;

use crate::party::MailAddress;

/// A finished mail. Every attempt sends these same bytes (R52).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The envelope's recipients: one party's addresses.
    pub to: Vec<MailAddress>,
    /// The value of its Message-ID header, with angle brackets.
    pub message_id: String,
    /// The whole message, RFC 5322, CRLF line ends.
    pub bytes: Vec<u8>,
}

/// Sends mails.
#[async_trait]
pub trait Post: Send + Sync {
    /// Hands the letters to the mail server, in order, over as few connections as it likes; one
    /// outcome for each letter, in order.
    async fn post(&self, letters: &[Letter]) -> Vec<Posted>;
}

/// What became of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// The server took it; its reply.
    Accepted(String),
    /// The server refused it for now (4xx), or this one mail failed before its data were sent.
    Refused {
        /// The server's reply.
        reply: String,
        /// It will never be taken (5xx).
        permanent: bool,
    },
    /// The server cannot be reached; nothing was sent, and no attempt is counted.
    Down(String),
    /// The connection was lost after the data were sent and before the reply: nobody knows.
    Unknown(String),
}

/// What a mail says, before it is composed.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// Display name of the sender.
    pub from_name: &'a str,
    /// The sender's address.
    pub from: &'a MailAddress,
    /// One party's addresses.
    pub to: &'a [MailAddress],
    /// The real subject: only inside what is encrypted, or on notices that are not.
    pub subject: &'a str,
    /// The subject on the outside of an encrypted mail; it tells nothing.
    pub outer_subject: &'a str,
    /// The Date header.
    pub date: crate::calendar::Timestamp,
    /// Message-ID with angle brackets, made from what caused the mail.
    pub message_id: &'a str,
    /// The text, any line ends.
    pub text: &'a str,
    /// A key file.
    pub attachment: Option<Attachment<'a>>,
}

/// An attached file: ASCII with short lines, so that it survives as it is.
#[derive(Clone, Copy)]
pub struct Attachment<'a> {
    /// File name, ASCII.
    pub name: &'a str,
    /// The file. It may hold a secret: no copy of it is kept.
    pub content: &'a [u8],
}

impl std::fmt::Debug for Attachment<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Attachment({}, {} bytes)",
            self.name,
            self.content.len()
        )
    }
}

/// Puts mails together (RFC 5322, 2045, 3156, 9788).
pub trait Compose: Send + Sync {
    /// What is encrypted: a MIME entity with protected headers, of a size that tells nothing.
    fn inside(&self, draft: &Draft<'_>) -> Result<zeroize::Zeroizing<Vec<u8>>, ComposeError>;

    /// The mail around what was encrypted: `multipart/encrypted` with two parts.
    fn outside(&self, draft: &Draft<'_>, armored: &[u8]) -> Result<Vec<u8>, ComposeError>;

    /// A mail that is not encrypted: a notice without secrets to a party without a certificate.
    ///
    /// Refuses a draft with an attachment: a key never leaves the hub in the clear (R50).
    fn open(&self, draft: &Draft<'_>) -> Result<Vec<u8>, ComposeError>;
}

/// Why a mail cannot be put together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// A key file in a mail that is not encrypted.
    #[error("an attachment is only sent encrypted")]
    Unencrypted,
    /// A name or address the mail library does not take.
    #[error("the mail cannot be composed: {0}")]
    Invalid(String),
}
