from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0002_install_guards'),
        # Its tokens belong to accounts, so it comes after the first of ours.
        ('knox', '0009_extend_authtoken_field'),
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
    ]
