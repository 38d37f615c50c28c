//! Mail composition and transports (SMTP, files)
