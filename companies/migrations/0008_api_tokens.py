from django.db import migrations

# Until now the tokens themselves were kept. Their hashes open the same doors, for a year.
MOVE = """
    DO $$ BEGIN
        IF to_regclass('authtoken_token') IS NOT NULL THEN
            INSERT INTO knox_authtoken (digest, token_key, user_id, created, expiry)
            SELECT encode(sha512(convert_to(key, 'UTF8')), 'hex'), left(key, 15), user_id, created,
                now() + interval '365 days'
            FROM authtoken_token;
            DROP TABLE authtoken_token;
        END IF;
    END $$
"""
# The log of the admin named each token by all of its characters.
FORGET = """
    UPDATE django_admin_log SET object_repr = left(object_repr, 4) || '…'
    WHERE content_type_id IN (SELECT id FROM django_content_type WHERE app_label = 'authtoken')
"""
# Sessions of officials have an end since this release; those that began before it have none.
SIGN_OUT = "DELETE FROM django_session"


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0007_account_turned_down'),
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('knox', '0009_extend_authtoken_field'),
        ('sessions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiToken',
            fields=[
            ],
            options={
                'verbose_name': 'API token',
                'verbose_name_plural': 'API tokens',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('knox.authtoken',),
        ),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
        migrations.RunSQL(SIGN_OUT, migrations.RunSQL.noop),
    ]
