from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payouts', '0046_any_number_paid_though_cancelled'),
    ]

    operations = [
        migrations.AddField(
            model_name='fileorder',
            name='refusal_en',
            field=models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='refusal in English'),
        ),
    ]
