//! What can be done: one list, so that a test can ask whether each act is told.

/// Declares the acts with the name each is stored and shown by.
macro_rules! acts {
    ($($(#[$doc:meta])+ $act:ident = $name:literal,)+) => {
        /// An act that changes state, or a look at what is protected (R70).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Act {
            $($(#[$doc])+ $act,)+
        }

        impl Act {
            /// All acts.
            pub const ALL: &'static [Self] = &[$(Self::$act,)+];

            /// The act as it is stored and shown.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$act => $name,)+
                }
            }

            /// The act's name in the source, e.g. `BondRegistered`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$act => stringify!($act),)+
                }
            }

            /// Reads what [`Act::as_str`] wrote.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|act| act.as_str() == text)
            }
        }
    };
}

acts! {
    // The path of an event: what it taught, and the effects of the plan.
    /// An event taught facts, or came too late to.
    EventTaken = "event_taken",
    /// An event was set aside (R35).
    EventSetAside = "event_set_aside",
    /// A set-aside event was sent again, as it was or corrected.
    EventResubmitted = "event_resubmitted",
    /// A signed document was kept beside its bond (R5).
    DocumentKept = "document_kept",
    /// A standing instruction was taken (R31).
    InstructionTaken = "instruction_taken",
    /// A bond exists (R10).
    BondRegistered = "bond_registered",
    /// A bond has a new version; its earlier keys are dead (R11).
    BondRevised = "bond_revised",
    /// A bond's state changed.
    BondMoved = "bond_moved",
    /// The match of a bond with its case has another result (R7).
    MatchChanged = "match_changed",
    /// A key was drawn and waits for its issuer's signature (R12).
    KeyAsked = "key_asked",
    /// A key was issued.
    KeyIssued = "key_issued",
    /// Keys stopped working (R11).
    KeysEnded = "keys_ended",
    /// An issuer signed, at its desk, a key that waited for it (R12).
    KeySigned = "key_signed",
    /// A holder took its key by hand, in place of the one before (R14).
    KeyByHand = "key_by_hand",
    /// The ledger moved (R40).
    LedgerPosted = "ledger_posted",
    /// A task was opened or asks for something else.
    TaskOpened = "task_opened",
    /// A task was closed.
    TaskClosed = "task_closed",
    /// A case began to wait (R34).
    WaitBegan = "wait_began",
    /// A wait is over.
    WaitEnded = "wait_ended",
    /// The opening time of a scope is known to the parties.
    OpeningTold = "opening_told",
    /// That the bids of a scope were opened is known to the parties.
    OpenedTold = "opened_told",
    /// What the installation asks of a contract was kept, as it was at its conclusion (R7).
    RateKept = "rate_kept",
    /// A reminder was given or is not needed.
    Reminded = "reminded",
    /// A notice was prepared for a party (R51).
    PartyTold = "party_told",

    // Acts of people on bonds, keys and cases.
    /// A contractor handed its bond over with its key (R14).
    BondHandedOver = "bond_handed_over",
    /// A person revoked the keys of a role (R11).
    KeysRevoked = "keys_revoked",
    /// An owner agreed that a bond is deleted.
    DeletionConsented = "deletion_consented",
    /// A person did a step of a procedure by hand (R8).
    ProcedureActed = "procedure_acted",
    /// A second person confirmed an opening that was brought forward.
    OpeningConfirmed = "opening_confirmed",
    /// A person waived a curable finding of the match (R7).
    FindingWaived = "finding_waived",
    /// A person decided about a mail that failed or is uncertain (R52).
    MailResolved = "mail_resolved",

    // Looking.
    /// Somebody looked at a bond (R20).
    BondLooked = "bond_looked",
    /// A look was refused.
    LookRefused = "look_refused",
    /// An original was taken out of the vault to be read: by an operator or auditor (R4).
    OriginalRead = "original_read",
    /// A copy was made (R23).
    CopyMade = "copy_made",
    /// An owner's account may see more before the opening (R21).
    GrantGiven = "grant_given",
    /// A grant was taken back.
    GrantRevoked = "grant_revoked",
    /// A grant was used (R21).
    GrantUsed = "grant_used",

    // Liability.
    /// A paper bond was entered (R41).
    PaperEntered = "paper_entered",
    /// Paper bonds were imported (R41).
    PapersImported = "papers_imported",
    /// A paper bond was ended.
    PaperEnded = "paper_ended",
    /// A contractor agreed to, or withdrew, figures across issuers (R43).
    FiguresConsented = "figures_consented",
    /// An issuer's limit for a contractor was set.
    LimitSet = "limit_set",
    /// It was noticed that a limit is exceeded, or kept again.
    LimitWatched = "limit_watched",

    // Parties and what they are trusted by.
    /// A party was added or changed.
    PartyPut = "party_put",
    /// An OpenPGP certificate was enrolled (R50).
    CertificateEnrolled = "certificate_enrolled",
    /// The proof of possession of a certificate was asked for.
    EnrolmentBegun = "enrolment_begun",
    /// A code was given back for an enrolment, right or wrong.
    EnrolmentTried = "enrolment_tried",
    /// The code came back; an operator has to confirm.
    EnrolmentProven = "enrolment_proven",
    /// An operator rejected what waited.
    EnrolmentRejected = "enrolment_rejected",
    /// A certificate of either kind is not used any more.
    CertificateRevoked = "certificate_revoked",
    /// An issuer's signing certificate was pinned (R5).
    SigningPinned = "signing_pinned",
    /// An issuer entrusted its signing key to the hub (R12).
    KeyEntrusted = "key_entrusted",

    // Accounts.
    /// An account was added.
    AccountAdded = "account_added",
    /// An account's roles, party or state changed.
    AccountChanged = "account_changed",
    /// A password was set or changed.
    PasswordChanged = "password_changed",
    /// A second way to sign in was enrolled or removed: one-time passwords, passkeys, recovery codes.
    FactorChanged = "factor_changed",
    /// Somebody signed in.
    SignedIn = "signed_in",
    /// A sign-in was refused.
    SignInRefused = "sign_in_refused",
    /// Somebody signed out, here or everywhere.
    SignedOut = "signed_out",
    /// A bearer token was issued.
    TokenIssued = "token_issued",
    /// A bearer token was revoked.
    TokenRevoked = "token_revoked",

    // The hub itself.
    /// The master key of the vault was exchanged (R4).
    VaultRotated = "vault_rotated",
    /// The head of the chain was signed (R70).
    HeadSigned = "head_signed",
    /// Details beside the chain were purged by policy (R72).
    DetailsPurged = "details_purged",
    /// The audit log was read out.
    AuditExported = "audit_exported",
}
