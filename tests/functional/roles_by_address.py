"""
Who gets in at which address: one character for each person of the cast, in its order.

The columns stand in groups: the officer, the clerks, the department, the auditor, the administrators, an official
without a role, and those who are no officials. "+" gets in, "." may not, "0" finds nothing there, ">" has to sign in
first, "-" may only post. The department's people ask for addresses of deliveries as those of one department, and for
all others as those of the whole city do: the table of scopes has the rest. What a person may do to an object depends
on its state, too: here it is the newest object of `World`, whose state allows few steps.
"""

from __future__ import annotations

CAST = (
    "officer",
    "finance",
    "finance_maker",
    "finance_checker",
    "finance_releaser",
    "department",
    "auditor",
    "system_administrator",
    "security_administrator",
    "none",
    "owner",
    "neighbour",
    "stranger",
)
OFFICIALS = CAST[:10]
_NOT_AN_OFFICIAL = ">>>"

# What officials may do with rows of a kind: look at them, add one, delete one.
_ROWS = {
    ("+ .... . + .. .", ". .... . . .. .", ". .... . . .. ."): """
        companies_employee policies_reminder policies_reminderround policies_suspension
    """,
    ("+ ++++ . + .. .", ". .... . . .. .", ". .... . . .. ."): """
        companies_accountstop companies_company companies_payeeaccount companies_thirdparty
        payouts_appeal payouts_blacklisting payouts_claim payouts_fund payouts_objection payouts_payout
        payouts_postcheck payouts_publication payouts_recovery payouts_samplingplan payouts_share policies_entitlement
    """,
    ("+ ++++ + + .+ .", ". .... . . .. .", ". .... . . .. ."): """
        proposals_proposal
    """,
    (". ++++ . + .. .", ". .... . . .. .", ". .... . . .. ."): """
        payouts_bank payouts_batch payouts_download payouts_finding payouts_grant payouts_instruction payouts_posting
        payouts_reply payouts_replyfile payouts_replyline payouts_settlement
    """,
    (". ++++ . + .. .", ". ++++ . . .. .", ". .... . . .. ."): """
        payouts_banktemplate payouts_replytemplate
    """,
    ("+ .... . + .. .", "+ .... . . .. .", "+ .... . . .. ."): """
        policies_breaker policies_namedclause
    """,
    ("+ ++++ . + +. .", ". .... . . .. .", ". .... . . .. ."): """
        companies_district
    """,
    ("+ ++++ . + .. .", "+ .... . . .. .", "+ .... . . .. ."): """
        policies_policyversion
    """,
    ("+ ++++ . + .. .", "+ .... . . .. .", ". .... . . .. ."): """
        policies_policy
    """,
    ("+ .... + + +. .", ". .... + . .. .", ". .... . . .. ."): """
        companies_delivery
    """,
    ("+ .... + + +. .", ". .... . . .. .", ". .... . . .. ."): """
        companies_datasetcontract companies_datasource companies_sourcepull
    """,
    ("+ .... + + .+ .", ". .... + . .+ .", ". .... . . .. ."): """
        companies_deliverykey
    """,
    ("+ .... . + +. .", ". .... . . .. .", ". .... . . .. ."): """
        policies_matchrun
    """,
    ("+ .... . + .+ .", ". .... . . .+ .", ". .... . . .. ."): """
        companies_department companies_user
    """,
    ("+ .... . + .+ .", ". .... . . .. .", ". .... . . .. ."): """
        companies_membership
    """,
    ("+ .... . + .. .", "+ .... . . .. .", ". .... . . .. ."): """
        policies_stackinggroup
    """,
    (". ++++ . + +. .", ". .... . . .. .", ". .... . . .. ."): """
        payouts_leaserelease
    """,
    (". .... . + .+ .", ". .... . . .. .", ". .... . . .. ."): """
        auth_group
    """,
    (". .... . + .. .", ". .... . . .. .", ". .... . . .. ."): """
        axes_accesslog companies_adminrecord companies_signin
    """,
}
_ADDRESSES = {
    "+ ++++ + + ++ + +++": """
        account_inactive account_login account_reset_password account_reset_password_done
        account_reset_password_from_key account_reset_password_from_key_done account_signup api-schema calculator
        calculators cockpit healthz home objection objection-contact policy publicity set_language sign-in white-list
    """,
    "+ ++++ + + ++ + ++>": """
        account_change_password account_confirm_reauthentication_code account_reauthenticate
        account_request_reauthentication_code account_set_password admin:password_change firms
        city-identity-again first-sign-in mfa_activate_totp
        mfa_add_webauthn mfa_authenticate mfa_generate_recovery_codes mfa_index mfa_list_webauthn mfa_login_webauthn
        mfa_reauthenticate mfa_reauthenticate_webauthn password step-up-resume usersessions_list
    """,
    "0 0000 0 0 00 0 00>": """
        invitation mfa_deactivate_totp mfa_download_recovery_codes mfa_edit_webauthn mfa_remove_webauthn
        mfa_view_recovery_codes
    """,
    "+ ++++ + + ++ + >>>": """
        admin:index admin:jsi18n admin:password_change_done admin:search
    """,
    "+ ++++ + + .. . >>>": """
        admin:policies_whitelist_changelist admin:policies_whitelistentry_changelist
    """,
    "+ ++++ . + .. . >>>": """
        admin:payouts_fund_course admin:payouts_payout_steps_file
        admin:policies_match_progress admin:policies_policyversion_back_test
        admin:policies_policyversion_changes admin:policies_policyversion_examples admin:policies_policyversion_export
        admin:policies_policyversion_export_older admin:policies_policyversion_who_matches
        admin:policies_preview_progress
    """,
    # The newest proposal of the world is about a source of a dataset.
    "+ 0000 + + .0 . >>>": """
        admin:proposals_proposal_change
    """,
    "+ ++++ 0 + +0 0 >>>": """
        admin:app_list
    """,
    "+ 0000 + + .0 0 >>>": """
        admin:proposals_proposal_history
    """,
    "+ ++++ 0 + .. . >>>": """
        admin:policies_whitelist_change admin:policies_whitelist_history admin:policies_whitelistentry_change
        admin:policies_whitelistentry_history
    """,
    "+ .... + . .. . >>>": """
        admin:policies_whitelist_bring
    """,
    "+ .... . + .. . >>>": """
        admin:policies_reminderround_export
    """,
    "+ .... . . .. . >>>": """
        admin:payouts_appeal_reject admin:payouts_appeal_uphold admin:payouts_postcheck_find_breach
        admin:payouts_postcheck_keep admin:payouts_publication_take_down admin:payouts_samplingplan_plan
        admin:payouts_share_write
        admin:policies_import admin:policies_policyversion_copy admin:policies_policyversion_import_policy
        admin:policies_policyversion_submit admin:policies_stackinggroup_dissolve admin:policies_whitelist_publish
        admin:policies_whitelist_put_away admin:policies_whitelist_reopen admin:policies_whitelistentry_withdraw
    """,
    "- ---- - - -- - ---": """
        account-confirm account-stop city-identity leave member prepared revoke sign-out
    """,
    "- ---- - - -- - 000": """
        admin:logout
    """,
    "- ---- - - -- - >>>": """
        admin:payouts_banktemplate_sample admin:policies_check_rule admin:policies_count_rule admin:policies_preview_run
        admin:policies_suggest_rule
    """,
    ". ++++ . + +. . >>>": """
        admin:payouts_stuck
    """,
    ". ++++ . + .. . >>>": """
        admin:payouts_batch_lines admin:payouts_settlement_owed
    """,
    ". ++++ . . .. . >>>": """
        admin:companies_accountstop_propose
        admin:companies_thirdparty_confirm admin:companies_thirdparty_enter admin:companies_thirdparty_turn_down
        admin:payouts_bank_propose_new admin:payouts_bank_propose_terms admin:payouts_banktemplate_copy
        admin:payouts_banktemplate_take_into_use admin:payouts_fund_choose_bank admin:payouts_replytemplate_copy
        admin:payouts_replytemplate_take_into_use
        admin:payouts_fund_grant admin:payouts_payout_cancel
        admin:payouts_blacklisting_lift
        admin:payouts_payout_retry admin:payouts_recovery_close admin:payouts_recovery_propose_fine
        admin:payouts_recovery_take_down
        admin:payouts_replyfile_upload admin:payouts_replyline_match admin:payouts_replyline_set_aside
    """,
    ". .+.+ . . .. . >>>": """
        admin:payouts_batch_change_layout admin:payouts_batch_files
    """,
    ". .+.. . . .. . >>>": """
        admin:payouts_batch_collect admin:payouts_batch_seal_sent
    """,
    ". .... + . .. . >>>": """
        admin:companies_datasetcontract_declare admin:companies_datasetcontract_retire
        admin:companies_datasetcontract_write_next
        admin:companies_datasource_pause admin:companies_datasource_propose_new
        admin:companies_datasource_propose_terms admin:companies_datasource_pull_now
    """,
    ". .... + . .. . ..>": """
        api-datasets api-delivery
    """,
    ". .... + . .+ . >>>": """
        admin:companies_deliverykey_propose_revoking
    """,
    ". .... - . .. . ..>": """
        api-deliveries
    """,
    ". .... . + .+ . >>>": """
        admin:axes_accessattempt_changelist
    """,
    ". .... . + .. . >>>": """
        admin:axes_accessfailurelog_changelist admin:companies_adminrecord_export admin:companies_signin_export
        admin:payouts_pairs
    """,
    ". .... . . .+ . >>>": """
        admin:companies_apitoken_add admin:companies_apitoken_changelist admin:companies_department_propose_names
        admin:companies_user_propose_person
        admin:companies_user_propose_roles admin:companies_user_propose_standing admin:companies_user_send_link
    """,
    ". .... . . .. . >>>": """
        admin:autocomplete admin:axes_accessattempt_add admin:axes_accessfailurelog_add
        admin:companies_user_propose_removing_factors
        admin:companies_datasource_propose_resuming
        admin:companies_payeeaccount_propose admin:companies_payeeaccount_stop admin:payouts_objection_reject
        admin:payouts_objection_set_aside admin:payouts_objection_take_up admin:payouts_objection_uphold
        admin:proposals_proposal_confirm admin:proposals_proposal_turn_down
        admin:companies_delivery_quarantine_file admin:payouts_batch_approve admin:payouts_batch_close
        admin:payouts_batch_collect_again admin:payouts_batch_discard admin:payouts_batch_reject
        admin:payouts_batch_release admin:payouts_batch_seal admin:payouts_fund_divide admin:payouts_payout_look_again
        admin:payouts_postcheck_demand_back admin:payouts_recovery_propose_ban admin:payouts_recovery_propose_fraud
        admin:payouts_reply_clarify admin:payouts_replyfile_apply
        admin:payouts_banktemplate_retire admin:payouts_replytemplate_retire
        admin:payouts_replyfile_withdraw admin:proposals_proposal_take_back admin:policies_policyversion_close
        admin:policies_policyversion_lift admin:policies_policyversion_match_again admin:policies_policyversion_publish
        admin:policies_policyversion_send_back admin:policies_policyversion_suspend
        admin:policies_policyversion_take_back admin:policies_whitelist_add admin:policies_whitelist_delete
        admin:policies_whitelist_examine admin:policies_whitelistentry_add admin:policies_whitelistentry_delete
    """,
    "0 0000 + 0 00 0 >>>": """
        admin:companies_delivery_template
    """,
    "+ 0000 + + 00 0 >>>": """
        admin:companies_datasetcontract_rows
    """,
    "+ .... + + .. . >>>": """
        admin:companies_datasetcontract_show_rows
    """,
    "+ .... + + +. . >>>": """
        admin:companies_datasetcontract_dictionary admin:companies_datasetcontract_download
    """,
    "0 0000 0 0 00 0 ++>": """
        desk
    """,
    "0 0000 0 0 00 0 +0>": """
        account claim claim-progress entitlement firm hearing-notice history history-file members reasons receipt
        recovery
    """,
    "0 0000 0 0 00 0 000": """
        city-identity-callback
        admin:companies_apitoken_change admin:companies_apitoken_delete admin:companies_apitoken_history
    """,
    "> >>>> > > >> > ..>": """
        admin:login
    """,
}


def expected() -> dict[str, str]:
    """What each person gets, by the name of the address."""
    found = {}
    for (look, add, delete), kinds in _ROWS.items():
        pages = {"changelist": look, "change": look, "history": look, "add": add, "delete": delete}
        found |= {f"admin:{kind}_{page}": _row(pages[page]) for kind in kinds.split() for page in pages}
    # The line of one address goes before the line of its row.
    return found | _by_name(_ADDRESSES)


# The outcome of an empty form, where it differs from that of a look. Rows of these kinds are changed by these people on
# the page that shows them, rows of any other kind by nobody.
_CHANGED = {
    "+ .... . . .. .": """
        policies_breaker policies_namedclause policies_policy policies_policyversion policies_stackinggroup
    """,
    ". ++++ . . .. .": """
        payouts_banktemplate payouts_replytemplate
    """,
}
_POSTED = {
    ". .... + . .. . >>>": """
        admin:companies_datasource_propose_resuming admin:proposals_proposal_confirm
        admin:proposals_proposal_turn_down
    """,
    ". .... . . .+ . >>>": """
        admin:companies_user_propose_removing_factors
    """,
    "- ---- - - -- - -->": """
        mfa_index mfa_list_webauthn mfa_view_recovery_codes
    """,
    "0 0000 0 0 00 0 +0>": """
        account-confirm account-stop leave member prepared revoke
    """,
    "+ ++++ + + ++ + +++": """
        sign-out
    """,
    "0 0000 0 0 00 0 000": """
        city-identity
    """,
    "+ ++++ + + ++ + 000": """
        admin:logout
    """,
    "+ .... . . .. . >>>": """
        admin:payouts_objection_reject admin:payouts_objection_set_aside admin:payouts_objection_take_up
        admin:payouts_objection_uphold admin:payouts_payout_look_again
        admin:policies_check_rule admin:policies_count_rule
        admin:policies_policyversion_close admin:policies_policyversion_examples
        admin:policies_policyversion_lift admin:policies_policyversion_match_again admin:policies_policyversion_publish
        admin:policies_policyversion_send_back admin:policies_policyversion_suspend admin:policies_preview_run
        admin:policies_suggest_rule admin:policies_whitelist_examine
    """,
    "- ---- - - -- - ---": """
        account_inactive account_reset_password_done account_reset_password_from_key_done api-schema calculators
        city-identity-again city-identity-callback
        claim-progress cockpit desk entitlement firm firms healthz history-file home policy publicity reasons receipt
        step-up-resume white-list
    """,
    "- ---- - - -- - >>>": """
        admin:autocomplete admin:companies_datasetcontract_rows admin:companies_delivery_template admin:jsi18n
        admin:password_change_done
        admin:policies_match_progress admin:policies_preview_progress
    """,
    "- ---- . - .. . >>>": """
        admin:policies_policyversion_export admin:policies_policyversion_export_older
    """,
    ". .... . - .. . >>>": """
        admin:companies_adminrecord_export admin:companies_signin_export
    """,
    "- .... . - .. . >>>": """
        admin:policies_reminderround_export
    """,
    ". ++++ . . .. . >>>": """
        admin:companies_payeeaccount_propose admin:companies_payeeaccount_stop admin:payouts_banktemplate_sample
        admin:payouts_banktemplate_retire admin:payouts_replytemplate_retire
        admin:payouts_fund_divide admin:payouts_reply_clarify admin:payouts_replyfile_apply
        admin:payouts_recovery_propose_ban admin:payouts_recovery_propose_fraud
        admin:payouts_replyfile_withdraw admin:payouts_stuck
    """,
    ". .+.. . . .. . >>>": """
        admin:payouts_batch_collect_again admin:payouts_batch_discard admin:payouts_batch_seal
    """,
    ". ..+. . . .. . >>>": """
        admin:payouts_batch_approve admin:payouts_batch_close admin:payouts_batch_reject
    """,
    ". ...+ . . .. . >>>": """
        admin:payouts_batch_release
    """,
    ". .... + . .. . ..>": """
        api-deliveries
    """,
    ". .... - . .. . ..>": """
        api-datasets api-delivery
    """,
    ". .... . . .. . >>>": """
        admin:policies_whitelist_change admin:policies_whitelistentry_change
    """,
    ". .0.. . . .. . >>>": """
        admin:payouts_batch_collect
    """,
    ". .0.0 . . .. . >>>": """
        admin:payouts_batch_files
    """,
    ". 0000 . . .. . >>>": """
        admin:payouts_settlement_owed
    """,
}


def expected_of_posts() -> dict[str, str]:
    """What each person who posts an empty form gets, by the name of the address."""
    kinds = {kind for names in _ROWS.values() for kind in names.split()}
    changed = {f"admin:{kind}_change": "." * len(OFFICIALS) + _NOT_AN_OFFICIAL for kind in kinds}
    for who, names in _CHANGED.items():
        changed |= {f"admin:{kind}_change": _row(who) for kind in names.split()}
    return expected() | changed | _by_name(_POSTED)


def _by_name(table: dict[str, str]) -> dict[str, str]:
    return {name: each.replace(" ", "") for each, names in table.items() for name in names.split()}


def _row(of_officials: str) -> str:
    return of_officials.replace(" ", "") + _NOT_AN_OFFICIAL
