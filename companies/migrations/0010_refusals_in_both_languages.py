from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0009_an_account_stays_as_entered'),
    ]

    operations = [
        migrations.AddField(
            model_name='delivery',
            name='refusal_en',
            field=models.TextField(blank=True, db_default='', default='', verbose_name='refusal in English'),
        ),
    ]
