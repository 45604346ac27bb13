from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0022_reasons_in_both_languages'),
    ]

    operations = [
        migrations.AddField(
            model_name='matchrun',
            name='holds_claims',
            field=models.BooleanField(db_default=False, default=False, verbose_name='claims wait for it'),
        ),
        migrations.RunSQL(
            "UPDATE policies_matchrun SET holds_claims = true WHERE refusal <> '' AND finished_at IS NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name='matchrun',
            index=models.Index(condition=models.Q(('finished_at', None), ('holds_claims', True)), fields=['version'], name='match_run_holds_claims'),
        ),
        migrations.AddConstraint(
            model_name='matchrun',
            constraint=models.CheckConstraint(condition=models.Q(('refusal', ''), ('finished_at__isnull', False), ('holds_claims', True), _connector='OR'), name='match_run_that_stopped_holds_claims'),
        ),
    ]
