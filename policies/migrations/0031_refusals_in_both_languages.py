from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0030_public_lists_are_found'),
    ]

    operations = [
        migrations.AddField(
            model_name='previewrun',
            name='refusal_en',
            field=models.TextField(blank=True, db_default='', default='', verbose_name='why it stopped, in English'),
        ),
        migrations.AddField(
            model_name='previewrun',
            name='back_test_refusal_en',
            field=models.TextField(blank=True, db_default='', default='', verbose_name='why its back-test stopped, in English'),
        ),
        migrations.AddField(
            model_name='matchrun',
            name='refusal_en',
            field=models.TextField(blank=True, db_default='', default='', verbose_name='why it stopped, in English'),
        ),
    ]
