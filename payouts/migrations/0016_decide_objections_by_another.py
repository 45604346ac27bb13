from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('payouts', '0015_take_layouts_into_use_by_two')]

    operations = [
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('triaged_by')), _negated=True), _connector='OR'), name='objection_is_decided_by_another_than_took_it_up'),
        ),
    ]
