from django.db import migrations

# By the row of a department's list that an entitlement rests on: a page of a public list and the taking back of one row
# looked through all entitlements of the policy, 500 ms among 400,000. Entitlements that rest on no list are not in it.
# Written in SQL, as the queries write it: Django would spell the path another way, which no query would be served by.
_ENTRY = "(evidence -> 'list' ->> 'entry')::bigint"


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0016_no_money_is_nan'),
    ]

    operations = [
        migrations.RunSQL(
            f"CREATE INDEX entitlement_of_list_row ON policies_entitlement (({_ENTRY})) WHERE {_ENTRY} IS NOT NULL",
            "DROP INDEX entitlement_of_list_row",
        ),
    ]
