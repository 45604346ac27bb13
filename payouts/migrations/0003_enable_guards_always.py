from django.db import migrations

from qinqing.kernel.database.drift import harden_installed


class Migration(migrations.Migration):
    dependencies = [("payouts", "0002_install_guards")]

    operations = [migrations.RunPython(harden_installed, migrations.RunPython.noop, elidable=True)]
