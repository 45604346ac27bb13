from django.db import migrations

from qinqing.kernel.database.migrations import InstallGuards, InstallSql
from qinqing.kernel.database.triggers import NamedGuard

# By the row of a department's list that an entitlement rests on: a page of a public list and the taking back of one row
# looked through all entitlements of the policy, 500 ms among 400,000. Entitlements that rest on no list are not in it.
# Written in SQL, as the queries write it: Django would spell the path another way, which no query would be served by.
_ENTRY = "(evidence -> 'list' ->> 'entry')::bigint"


class Migration(migrations.Migration):

    dependencies = [('policies', '0001_initial'), ('proposals', '0001_initial')]

    operations = [
        migrations.RunSQL(
            f"CREATE INDEX entitlement_of_list_row ON policies_entitlement (({_ENTRY})) WHERE {_ENTRY} IS NOT NULL",
            "DROP INDEX entitlement_of_list_row",
        ),
        InstallSql("policies.models", "policies_groupterms.sql", "09648a9057f4520bec867b423fc3d7bc7a1c81ad12616c02288b1e6885adb259"),
        InstallSql("policies.models", "proposal_before_stacking_group.sql", "bed242008027708186ccf310e94e498f3af2f1e8791d79cde73469b005cc6bff"),
        InstallSql("policies.models", "carry_out_stacking_group.sql", "5bc3566db2a18fcc5c5aa78d2fc5c4dda91d2944e24860331b7d93fd16a3d558"),
        InstallSql("policies.models", "policies_stackingplace.sql", "bba5764a0094f991cb63ae4729a841de213b2ade8ec22bae5f1a2c5584eaa643"),
        InstallSql("policies.models", "policies_stackingterms.sql", "999db7413b39874f02b8ce660591693f472b0ecf5764d65e6dcc75a6b0483723"),
        InstallGuards(
            guards=[
                NamedGuard("policies.ClaimedPerson", "claimed_person_follows_its_claim", "7c8424860279d0ed3381dcf7664e468a0f9929b1fe1370daf5d04690fe9df2a1"),
                NamedGuard("policies.ClaimedPerson", "claimed_person_follows_its_claim_whole", "a76403c88f1614a99860b0e8e05c44aa83763a7ccbe7577a6bf207c0bfc7f4ca"),
                NamedGuard("policies.Clause", "clause_is_final", "455ca57255e73a035db0193bdf354ab971e52573306777c95ffb749a0b67080e"),
                NamedGuard("policies.Clause", "clauses_are_kept", "ff483a991ab6a05b0234636f025f47ff001201a55ee033408ceb93e266054a4e"),
                NamedGuard("policies.DecisionTable", "decision_table_is_final", "ab039689aeebe59d466ac03b4367e40b8fd4ce3583402a43a9d77a53e390706e"),
                NamedGuard("policies.Entitlement", "entitlement_moves_by_the_table", "9d532c55bf387ce540ff8acdb4103ac960524bd75a8db9b14ba90a6c9219dac2"),
                NamedGuard("policies.Entitlement", "entitlement_keeps_its_subject", "472967f57359a4d26bbb1fd394b06f9a2ba5d4237dfb3bb83308867ab59eaa33"),
                NamedGuard("policies.Entitlement", "entitlement_claimed_is_never_rewritten", "40ddbc38cac4662209802d49ca4061c906eb35ea20fcfde73cc1a49e1fe804cc"),
                NamedGuard("policies.Entitlement", "entitlement_keeps_its_portion", "b364ca2b8bfb9c73719daf2134a02a61105989f298576e6d1861818e2919ccb6"),
                NamedGuard("policies.Entitlement", "entitlement_names_known", "eb551daf41c98aa5d2be0a5d653d4b94b09c2a84a4ce06ea1ba92712f6074dab"),
                NamedGuard("policies.Entitlement", "entitlement_names_known_still", "63d181db6270b6616e36145076cacfb72618b77064e368e4adf9ff315135556d"),
                NamedGuard("policies.Entitlement", "entitlement_claims_its_persons_at_once", "ddfd0ce8550a17be06ac0911fd7ffaf9cf9a57d7e9975de4a18e928e8c11913e"),
                NamedGuard("policies.Entitlement", "entitlement_claims_its_persons", "0f7d6b27c287c4bcdd70e19a1415e91e8992d66cbf0deb4575653c86207d504a"),
                NamedGuard("policies.Entitlement", "entitlement_is_kept", "3261430315a40a81057af70d6d6368d36c15cfb88689d816f1c86abe92393e5b"),
                NamedGuard("policies.Entitlement", "entitlement_is_kept_whole", "20c5c1c1659510887feed16aba6583be76cafb13a88c3ac82fd72bcebaaa239f"),
                NamedGuard("policies.Example", "example_is_final", "7434caafa1185321b5b357e7bb1cd40d216c43acdf266a588e558d68ab301348"),
                NamedGuard("policies.Parameter", "parameter_is_final", "3d461c7e6a54c998dda6435fc47f31a2c2ce952a2a8e9354bf8393757912037e"),
                NamedGuard("policies.ParameterValue", "parameter_value_is_final", "e8b2b083719aaca003c149ec025feac264c7afa3c3425a3320d0fc9463071dc4"),
                NamedGuard("policies.Policy", "policy_code_is_kept", "bf16654422e3cf9d2da03d5cdd3c845449cf632037d60bfddb49817a69586c7f"),
                NamedGuard("policies.PolicyVersion", "policy_version_is_final", "abfca72b3b4a0e3563a6c416e33e25c2734d04da92976da849ed971a498b817c"),
                NamedGuard("policies.PolicyVersion", "policy_version_records_its_moves", "c13f8e95e492813cda2efdce040e89a693fd8a2b311ab69bc230e22da0309e77"),
                NamedGuard("policies.PoolDivision", "pool_division_is_what_was_divided", "93eaea61cf86d18587e7802c3cba1d9bc4956a2dbbd3a125a241a7300957a610"),
                NamedGuard("policies.PoolDivision", "pool_division_is_kept", "89090c32ea030d6940d1a192d05d374590be8ef594c2218dd525048f8f68524a"),
                NamedGuard("policies.PoolDivision", "pool_division_is_kept_whole", "5040db417e40dc8728be0a1c8520d5c904f88ae6477623663e7d4259c9a220af"),
                NamedGuard("policies.Reminder", "reminder_is_kept", "de5ade42c60ad4fcbea49e1bfcb649e15dab21f27b85ca4692942d81ad614e72"),
                NamedGuard("policies.Reminder", "reminder_is_kept_whole", "ff3f1b5f75e29cefc2421351a783983837a0d4f92ae1acf33d83e6e5befdb40e"),
                NamedGuard("policies.ReminderRound", "reminder_round_is_kept", "2990995512453ffaab638f02ff9df4b949780b2a10ad85c2c0320d04d857e230"),
                NamedGuard("policies.ReminderRound", "reminder_round_is_kept_whole", "60a8944c88390c97fc231c8f5f873a812c80b8d7ef1c26b6741c203050758a43"),
                NamedGuard("policies.StackingGroup", "stacking_group_is_held", "a74b9f744a62b15cd2e2873efed7e37eb9b8e2ce66d9628cac21de10385f7d16"),
                NamedGuard("policies.StackingGroup", "stacking_group_takes_two_officers", "d3e4d836a0ce04f4088919732872d5d2051dcbd60e4c24611aa3f5ebac07b095"),
                NamedGuard("policies.StackingMember", "stacking_member_takes_two_officers", "67e28943db43753f94bb115b5cfaf6fac714d8697af677251fbdbe93fb68ccac"),
                NamedGuard("policies.StackingMember", "stacking_members_are_not_emptied", "2e116eb922481ea31b005e3343c91c201371f57c0113284f2af815d8ef63ffd5"),
                NamedGuard("policies.StackingSeat", "stacking_seat_follows_its_payouts", "c7d4f0a899281cfc253f26a92695074f23ddc92b3d524920c7b106a79cc34ac8"),
                NamedGuard("policies.StackingSeat", "stacking_seat_is_kept", "9d8ab0a08a07b8e374b57a4be9438806d20b1d06aa7317a3c2b61722d4c6bc56"),
                NamedGuard("policies.StackingSeat", "stacking_seat_is_kept_whole", "90ba639a2bc250a3373bf0f1b001f5546f3569d4a845c32fde7b81a3e0ad904a"),
                NamedGuard("policies.Suspension", "suspension_is_of_who_stopped_the_version", "f51463d7850cd4a69e2461c87628ea2bf260764f3c180a58d050abfeb785218a"),
                NamedGuard("policies.Suspension", "suspension_is_lifted_once", "1ed314aec80b0c4adef756e55646e6441ac8412db47b3b0079a4ec8587f83c1a"),
                NamedGuard("policies.Suspension", "suspension_is_kept", "34cab6e21bdd99555afc8632c4f5e83d6c1eaa3b31a91ee6f1681c7cb241fe7e"),
                NamedGuard("policies.Suspension", "suspension_is_kept_whole", "265bd2d15e43ba67813e4d2e9c9b0705865c5cac4aaed5f8fdd4cbd6192e44a6"),
                NamedGuard("policies.VersionMove", "version_move_is_written_by_its_version", "9f6871654112df957b89834612d7e43a5e17b618636d14075d082278ec69880d"),
                NamedGuard("policies.VersionMove", "version_move_is_kept", "238fd305a8d7871fba86169c103f7e0b701358837ca55e45bdacd1e51e897abf"),
                NamedGuard("policies.VersionMove", "version_move_is_kept_whole", "7739fa95261716fe5db0ce979b81177da8ddcc4734a4989bba998f7fded4b718"),
                NamedGuard("policies.WhiteList", "white_list_is_final", "8458e86c7e7d3f4f348cc1404ba87de0ed44055275560c5cfe256ddad63a98bf"),
                NamedGuard("policies.WhiteList", "white_list_names_its_rows", "dae3f0f7914b07246552297678854e7d5eadfda1a1351007635d56819c911464"),
                NamedGuard("policies.WhiteList", "white_list_is_kept", "502fb2c30f428d72659d2a8b4ee9a7b32a57dfc78430d60fc6fc49b4410fa416"),
                NamedGuard("policies.WhiteList", "white_list_is_kept_whole", "c70341363be4a3bd982ae50fbc1ce4dc940c5075e7c563882689a37857f109d6"),
                NamedGuard("policies.WhiteListEntry", "white_list_entry_is_of_a_draft", "127155911c90de8e287044dbcdf6ac41d62a608587d2f53393a9b15c2052173b"),
                NamedGuard("policies.WhiteListEntry", "white_list_entry_is_final", "97bbb96d418de093cc54ce09ae6e9c68ca30784d522afe4394511baf1c8a6240"),
                NamedGuard("policies.WhiteListEntry", "white_list_entry_is_kept", "739d21fd1fa0c17028b3666496a4dd294613cf4e2226c72e54f7a862aec4e64f"),
                NamedGuard("policies.WhiteListEntry", "white_list_entry_is_kept_whole", "0aca0b9e1177010d6d7af1e1448549ee6065197b8b8de7e706a8915ac7e1eabd"),
                NamedGuard("policies.WhiteListWithdrawal", "white_list_withdrawal_is_of_a_named_one", "2b62956c94a5373ae525c9eb53b4a84a8f020c2d7322ec2d67664dac4593154f"),
                NamedGuard("policies.WhiteListWithdrawal", "white_list_withdrawal_takes_its_row", "08ac17c7298d0a0fc76c17016ab24a3cccf83dcff7da12f418fee0f79d36fc9c"),
                NamedGuard("policies.WhiteListWithdrawal", "white_list_withdrawal_is_kept", "2668516d92091e50b7edd5bc5a00e50b93931aa672055250f4b6d5d59435aac8"),
                NamedGuard("policies.WhiteListWithdrawal", "white_list_withdrawal_is_kept_whole", "d8e699fe4988d71c0c716879964887dc79eaf2e89793c1828b8b55a25162e99a"),
            ],
        ),
    ]
