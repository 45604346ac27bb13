from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0029_a_code_is_kept'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='whitelistentry',
            index=models.Index(
                condition=Q(('standing__in', ['live', 'withdrawn'])),
                fields=['version', 'id'],
                name='white_list_entry_shown',
            ),
        ),
    ]
