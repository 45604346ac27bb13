from django.db import migrations, models

# Few rows that every statement updates: room on the page keeps the updates off the index, and what they leave behind
# is taken away after so many, not after a share of so few.
_BALANCES = ("payouts_fund", "payouts_sharebalance")
_HOT = "fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200"
# Millions of rows: vacuumed by a twentieth, for a fifth would be a day's work left to one night.
_LARGE = ("payouts_payout", "policies_entitlement")
_SOON = "autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02"


def _set(table, settings):
    names = ", ".join(each.split(" =")[0] for each in settings.split(", "))
    return migrations.RunSQL(f"ALTER TABLE {table} SET ({settings})", f"ALTER TABLE {table} RESET ({names})")


class Migration(migrations.Migration):

    dependencies = [
        ('payouts', '0019_no_amount_is_nan'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='payout',
            index=models.Index(condition=models.Q(('status__in', ['waitlisted', 'publicised', 'in_doubt', 'failed', 'returned', 'recovering', 'recovered', 'cancelled'])), fields=['status', '-id'], name='payout_of_seldom_status'),
        ),
        *(_set(table, _HOT) for table in _BALANCES),
        *(_set(table, _SOON) for table in _LARGE),
    ]
