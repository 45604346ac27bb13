from django.db import migrations

from qinqing.kernel.database.migrations import InstallGuards
from qinqing.kernel.database.triggers import NamedGuard


class Migration(migrations.Migration):

    dependencies = [('companies', '0001_initial')]

    operations = [
        InstallGuards(
            guards=[
                NamedGuard("companies.Company", "company_is_never_deleted", "7cbba983c83fd4d07baa363ccb03c11e5c55c0b8f9e1ec932b2707c83973cdfc"),
                NamedGuard("companies.Delivery", "delivery_is_never_deleted", "bc1ed33ad06501b2bd179ef8bd0c350afc7ec0bb6a45c6d1d1707e6917f684a8"),
                NamedGuard("companies.Employee", "employee_is_never_deleted", "37e9119dbfbd48846666d6b4f46dc68aa7b98b707443abe7517b88fdaa2488af"),
                NamedGuard("companies.PayeeAccount", "payee_account_stays_as_entered", "034cc90631bb9d3bcf6c19dc3b59c8d9dbd3cf91fb7a454d9890aebfa08428ca"),
                NamedGuard("companies.PayeeAccount", "payee_account_is_never_deleted", "a89ba7688b85fba20d1fd0580cf65459a5b0aea61914d55f41e96dfaddeeb217"),
                NamedGuard("companies.PayeeAccount", "payee_account_is_never_deleted_whole", "9ef6fd22631b450dc1d2036b9bb19b15fb23446748effac99e15f0b53e6a447a"),
                NamedGuard("companies.ThirdParty", "third_party_is_never_deleted", "7a44c8993475b336c4c3a444284bb226e74bd5111863f1baeedfdd0101d5e999"),
            ],
        ),
    ]
