//! What every method of the store's ports means, as tests that each store must pass.
//!
//! A store's test file names a function that makes a fresh, migrated database and stamps the suite
//! with [`conformance_suite!`](crate::conformance_suite). Each test gets a database of its own and
//! may open it as often as it likes: two stores opened on one database are two hubs, one opened
//! after another is a restart.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "these are tests, only stamped elsewhere"
)]
#![cfg_attr(
    not(test),
    expect(
        clippy::wildcard_imports,
        reason = "every test speaks of the same samples"
    )
)]
#![expect(missing_docs, reason = "the names of the tests say what they say")]

pub mod accounts;
pub mod audit;
pub mod bonds;
pub mod cases;
pub mod coming;
pub mod embargo;
pub mod enrolments;
pub mod exposure;
pub mod inbox;
pub mod inquiry;
pub mod keys;
pub mod liability;
pub mod looks;
pub mod outbox;
pub mod overtaken;
pub mod papers;
pub mod parties;
pub mod queue;
pub mod samples;
pub mod sign_ins;
pub mod standing;
pub mod told;
pub mod upgrade;
pub mod vault;

use std::sync::Arc;

use async_trait::async_trait;
use bondhub_core::ports::store::Store;

/// A database of one test.
#[async_trait]
pub trait Database: Send + Sync {
    /// Opens it, once more if need be.
    async fn open(&self) -> Arc<dyn Store>;

    /// Runs SQL on it as whoever may do everything.
    async fn run(&self, sql: &str);

    /// Throws it away.
    async fn destroy(&self);
}

/// Runs a test and throws its database away, whatever the outcome.
pub async fn run<F>(database: Arc<dyn Database>, test: impl FnOnce(Arc<dyn Database>) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let outcome = tokio::spawn(test(Arc::clone(&database))).await;
    database.destroy().await;
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
}

/// Stamps the whole suite; `$create` is a function in scope that makes an `Arc<dyn Database>`.
#[macro_export]
macro_rules! conformance_suite {
    ($create:ident) => {
        $crate::conformance_tests! { $create;
            cases {
                what_was_committed_is_loaded_after_a_restart,
                what_was_never_written_is_not_found,
                a_case_of_another_version_is_a_conflict_and_leaves_nothing,
                a_new_case_that_exists_meanwhile_is_a_conflict,
                a_case_that_never_was_cannot_be_written_at_a_version,
                an_event_taken_before_is_a_conflict_and_leaves_nothing,
                of_concurrent_commits_on_one_case_exactly_one_wins,
                of_concurrent_commits_of_a_new_case_exactly_one_wins,
                batches_that_share_cases_do_not_block_each_other_for_good,
                a_failing_last_row_leaves_nothing,
                an_empty_commit_is_no_error,
                due_cases_come_earliest_first_and_not_before_they_are_due,
                a_commit_decided_with_older_parties_is_a_conflict,
                an_instruction_raises_the_generation_and_makes_waiting_cases_due,
                an_instruction_is_taken_once,
                a_document_that_exists_is_left_as_it_is,
                cases_are_listed_the_last_changed_first,
                an_owners_cases_are_listed_by_id_page_by_page,
            }
            bonds {
                a_bond_reads_back_with_its_history,
                a_bond_that_is_not_there_is_none,
                a_bond_of_another_case_is_a_conflict_and_keeps_its_case,
                of_a_bond_listed_twice_the_last_counts,
                a_version_that_exists_is_refused,
                bonds_are_listed_by_issuer_and_number_as_filtered,
                tasks_come_open_ones_first_then_by_age,
                a_task_changed_while_open_keeps_its_age,
                a_closed_task_can_be_opened_again,
                a_task_opened_and_closed_in_one_commit_ends_as_its_case_says,
                the_database_answers,
            }
            exposure {
                of_what_a_contractor_said_the_last_word_comes_first,
                of_each_limit_the_last_word_counts_and_none_lifts_it,
                a_limit_is_noted_as_exceeded_once_until_it_is_kept_again,
            }
            standing {
                what_ends_when_is_told_by_month_and_by_the_version_of_then,
                what_ends_before_a_day_to_come_is_in_no_figure_of_it,
                a_bond_whose_last_day_moves_ends_in_its_new_month_whatever_is_kept,
            }
            coming {
                what_is_foreseen_of_a_bond_is_told_as_its_case_says_it_last,
                figures_of_days_to_come_are_the_plain_sums_of_what_is_not_over_by_then,
            }
            embargo {
                what_is_under_embargo_is_in_no_figure_until_the_opening,
                an_embargo_moves_with_the_opening_and_ends_for_good_with_the_bid_stage,
            }
            papers {
                rows_clash_with_rows_noted_before_and_with_nothing_of_another_list,
                rows_clash_with_an_outstanding_bond_of_the_issuer_that_the_list_does_not_name,
                an_accepted_list_is_left_for_anybody_and_told_once,
                lists_that_were_never_accepted_are_dropped_with_their_rows,
            }
            liability {
                balances_are_added_up_by_contractor_issuer_owner_and_in_total,
                balances_count_only_what_is_effective_by_the_day,
                balances_are_told_as_they_were_known_on_a_day,
                a_joint_venture_counts_for_its_members_and_as_a_whole,
                a_series_tells_the_ends_of_its_days,
                outstanding_bonds_come_in_pages_with_their_periods,
                the_ledger_is_exported_as_it_was_recorded,
                a_movement_that_exists_is_refused,
                figures_are_the_plain_sums_with_and_without_sums_kept,
                sums_kept_while_movements_arrive_lose_and_double_none,
            }
            keys {
                a_key_is_found_by_its_name_and_works,
                a_key_that_is_not_there_is_none,
                ended_keys_say_since_when_and_why,
                only_the_named_role_and_editions_end,
                of_two_endings_of_a_key_in_one_commit_the_first_counts,
                a_key_that_ended_stays_as_it_ended,
                a_key_name_used_twice_is_refused,
                keys_of_two_editions_never_work_at_the_same_moment,
            }
            looks {
                a_sighting_is_key_bond_and_case_at_one_moment,
                what_no_key_opens_is_no_sighting,
                a_look_reads_back_after_a_restart_newest_first,
                the_same_look_again_is_one_look,
                every_way_to_show_reads_back,
                only_what_an_owner_was_shown_after_an_opening_was_seen,
                a_grant_reads_back_and_is_taken_back_once,
            }
            inquiry {
                an_issuer_lists_its_own_bonds_newest_first_page_by_page,
                a_list_by_number_goes_on_after_a_number,
                a_list_is_filtered_by_state_kind_and_case,
                an_owner_lists_what_it_was_handed_and_nothing_else,
                a_party_lists_the_open_tasks_that_ask_it,
                tasks_of_others_take_no_place_in_a_partys_list,
            }
            queue {
                a_key_that_waits_for_its_signature_reads_back,
                what_waits_comes_oldest_first_and_only_for_its_issuer,
                a_signed_key_waits_no_more_and_keeps_its_secret_until_it_is_issued,
                a_key_that_was_issued_or_overtaken_has_no_secret_any_more,
                a_key_that_left_the_queue_is_neither_signed_nor_closed_again,
                a_key_asked_for_twice_is_refused,
            }
            inbox {
                events_come_newest_first_as_filtered,
                an_event_reads_back_as_it_was_taken,
                an_event_that_is_not_there_is_none,
                an_event_is_resubmitted_once_and_only_if_set_aside,
                events_are_counted_by_state,
                an_event_begins_to_wait_and_is_placed,
                a_waiting_event_handled_at_last_is_replaced,
                an_event_that_does_not_wait_is_not_replaced,
                a_waiting_event_refused_at_last_is_set_aside_as_it_came,
                events_that_wait_for_something_of_a_kind_come_oldest_first_in_pages,
                what_no_database_can_hold_as_text_is_kept_all_the_same,
            }
            outbox {
                what_is_due_is_leased_oldest_first,
                another_channel_is_not_leased,
                concurrent_claims_never_share_a_row,
                what_is_committed_under_a_lease_belongs_to_its_holder,
                what_leaves_by_a_closed_channel_is_leased_to_nobody,
                a_row_that_exists_is_left_as_it_is,
                what_was_sent_is_settled_and_what_comes_next_is_marked,
                another_token_settles_and_marks_nothing,
                a_lease_that_is_over_may_not_send,
                a_token_from_before_a_second_claim_changes_nothing,
                a_retry_counts_and_waits_for_its_time,
                what_is_given_back_does_not_count,
                a_person_decides_about_failed_and_uncertain_rows_only,
                a_sweep_ends_only_leases_that_are_over,
                a_mail_lost_while_being_sent_is_uncertain,
                an_event_lost_while_being_published_is_published_again,
                rows_are_listed_newest_first_as_filtered,
                rows_are_counted_by_channel_and_state,
            }
            overtaken {
                a_mail_with_an_ended_key_is_not_sent,
                a_mail_of_the_commit_that_ends_its_key_is_not_sent,
                a_mail_with_a_living_key_is_sent,
                a_mail_being_sent_is_let_go_on_but_not_tried_again,
                a_mail_already_sent_stays_sent,
                a_dead_key_is_not_sent_again_by_hand,
                a_mail_to_a_revoked_certificate_is_not_sent,
            }
            parties {
                the_book_begins_empty,
                a_party_is_added_and_replaced,
                a_party_that_was_changed_meanwhile_is_left_as_it_is,
                a_certificate_is_enrolled_once,
                a_certificate_of_an_unknown_party_is_refused,
                a_certificate_is_revoked_once,
                an_entrusted_key_is_added_to_a_pinned_certificate,
                a_signing_certificate_is_revoked_once,
                a_change_makes_the_cases_due_that_wait_for_the_party,
                a_case_that_stopped_waiting_is_not_made_due,
                a_case_made_due_must_be_loaded_again,
                no_wake_up_is_lost_between_a_commit_and_a_change,
                concurrent_changes_are_all_counted,
            }
            enrolments {
                an_enrolment_waits_and_is_replaced,
                tries_of_an_enrolment_are_counted_and_end,
                concurrent_tries_never_get_more_than_there_are,
                a_proven_certificate_takes_the_place_of_the_others,
                a_certificate_that_was_revoked_meanwhile_takes_nobodys_place,
                a_proven_enrolment_waits_on_or_is_dropped,
                a_warning_is_given_once,
            }
            audit {
                the_chain_begins_before_its_first_entry,
                recorded_entries_are_linked_in_order,
                a_commit_tells_and_a_conflict_tells_nothing,
                concurrent_hubs_write_one_chain,
                entries_are_listed_as_filtered,
                purged_details_leave_a_whole_chain,
                a_head_is_signed_once_a_day,
                a_change_of_a_party_is_told_if_it_changed_something,
            }
            told {
                a_change_whose_entry_cannot_be_written_does_not_happen,
                each_change_is_told_with_it_and_once,
                what_changes_nothing_is_not_told,
            }
            accounts {
                an_account_is_added_once_and_read_back_after_a_restart,
                a_changed_account_signs_its_sessions_out_if_asked,
                of_two_changes_of_an_account_one_wins_and_none_is_lost,
                a_new_password_ends_sessions_and_invitations,
                a_one_time_password_secret_is_set_confirmed_and_taken_away,
                of_two_uses_of_a_time_step_one_wins_and_none_goes_back,
                a_code_works_once_and_not_after_its_end,
                a_change_of_a_factor_takes_its_mail_along,
                a_passkey_is_added_once_used_and_forgotten,
                a_passkey_whose_counter_does_not_rise_is_refused,
            }
            sign_ins {
                a_session_is_found_with_its_account_and_touched,
                a_session_that_is_replaced_is_dead,
                sessions_end_one_by_one_or_all_but_one,
                a_challenge_is_taken_once,
                what_ended_is_thrown_away_and_nothing_else,
                a_token_is_added_once_found_touched_and_revoked,
            }
            vault {
                a_document_an_attachment_and_their_key_read_back,
                what_is_not_in_the_vault_is_none,
                of_two_data_keys_for_one_bond_the_second_is_a_conflict_and_leaves_nothing,
                a_data_key_is_loaded_for_a_bond_and_for_an_issuers_own,
                an_attachment_that_two_versions_share_is_kept_once,
                what_could_be_told_of_a_signers_revocation_is_kept_with_its_document,
                a_copy_reads_back_and_its_name_is_used_once,
                what_lies_under_another_master_key_is_found_in_pages,
                what_changed_meanwhile_is_not_sealed_anew,
                only_documents_from_before_data_keys_are_sealed_anew,
                what_is_sealed_is_counted_by_its_head,
            }
        }
    };
}

/// Stamps named tests.
#[macro_export]
macro_rules! conformance_tests {
    ($create:ident; $($group:ident { $($test:ident,)* })*) => {
        $(mod $group {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let database = super::$create().await;
                    $crate::conformance::run(database, $crate::conformance::$group::$test).await;
                }
            )*
        })*
    };
}
