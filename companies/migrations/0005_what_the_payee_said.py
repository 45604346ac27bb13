from django.db import migrations, models

# Departments' accounts bear the moment of their delivery; what was entered at another moment, its owner entered.
_TOLD = """
    UPDATE companies_payeeaccount a SET is_payees_word = true
    WHERE a.company_id IS NOT NULL AND a.entered_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM companies_delivery d WHERE d.dataset = 'company_accounts' AND d.received_at = a.entered_at
    )
"""


class Migration(migrations.Migration):
    dependencies = [("companies", "0004_no_money_is_nan")]

    operations = [
        migrations.AddField(
            model_name="payeeaccount",
            name="is_payees_word",
            field=models.BooleanField(db_default=False, default=False, verbose_name="was told by the payee"),
        ),
        migrations.AlterField(
            model_name="quarantinedrow",
            name="reason",
            field=models.CharField(choices=[('missing', 'is missing'), ('not_a_number', 'is not a plain number such as 1234.50'), ('not_whole', 'is not a whole number such as 12'), ('too_precise', 'has more than {detail} decimals'), ('too_large', 'has more than {detail} digits before the point'), ('not_a_date', 'is not a date such as 2024-03-31, from 1900 to 2099'), ('not_a_month', 'is not a month such as 2024-03'), ('not_a_quarter', 'is not a quarter such as 2024Q1'), ('not_yes_or_no', 'is neither true nor false'), ('not_a_choice', 'must be one of: {detail}'), ('wrong_form', 'does not look like {detail}'), ('too_long', 'is longer than {detail} characters'), ('control_character', 'contains a line break or another control character'), ('wrong_credit_code', 'is no credit code: the check digit does not fit'), ('unknown_company', 'belongs to no registered company; deliver its registration first'), ('wrong_id_number', 'is no ID number: 18 characters with a fitting check digit are expected'), ('unknown_person', 'belongs to nobody who is insured as an employee of a company here'), ('own_spouse', "is the person's own ID number"), ('wrong_account_number', 'is no account number: 8 to 32 digits are expected'), ('unknown_district', 'is no district of the city on that date'), ('duplicate', 'repeats the key of row {detail}'), ('superseded', 'differs from data as of {detail} that landed earlier; deliver it with a newer date'), ('payees_word', 'differs from the account that the payee told us on {detail}, which stays in use; only the payee changes it'), ('ragged', 'has {detail} fields, unlike the header'), ('malformed', 'cannot be read: {detail}')], max_length=24, verbose_name='reason'),
        ),
        migrations.RunSQL(_TOLD, migrations.RunSQL.noop),
    ]
