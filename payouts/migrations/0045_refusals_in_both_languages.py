from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payouts', '0044_paid_though_cancelled'),
    ]

    operations = [
        migrations.AddField(
            model_name='replyfile',
            name='refusal_en',
            field=models.CharField(blank=True, db_default='', max_length=300, verbose_name='refusal in English'),
        ),
    ]
