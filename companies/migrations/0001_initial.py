import django.contrib.auth.models
import django.contrib.auth.validators
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.utils.timezone
import qinqing.kernel.database.columns
import qinqing.kernel.database.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        qinqing.kernel.database.migrations.CreateModels(
            models=[migrations.CreateModel(
                name='District',
                fields=[
                    ('code', models.CharField(max_length=6, primary_key=True, serialize=False, verbose_name='code')),
                    ('name_zh', models.CharField(max_length=40, verbose_name='Chinese name')),
                    ('name_en', models.CharField(max_length=40, verbose_name='English name')),
                    ('valid_from', models.DateField(verbose_name='valid from')),
                    ('valid_until', models.DateField(null=True, verbose_name='valid until')),
                ],
                options={
                    'verbose_name': 'district',
                    'verbose_name_plural': 'districts',
                },
            ), migrations.CreateModel(
                name='User',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                    ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                    ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                    ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                    ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                    ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                    ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                    ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                    ('department', models.CharField(blank=True, max_length=20, verbose_name='department')),
                    ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                    ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ],
                options={
                    'verbose_name': 'user',
                    'verbose_name_plural': 'users',
                    'abstract': False,
                },
                managers=[
                    ('objects', django.contrib.auth.models.UserManager()),
                ],
            ), migrations.CreateModel(
                name='Company',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('credit_code', models.CharField(max_length=18, unique=True, verbose_name='credit code')),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('industry_code', models.CharField(max_length=5, verbose_name='industry code')),
                    ('industry_edition', models.CharField(default='2017', max_length=4, verbose_name='industry edition')),
                    ('founded_on', models.DateField(null=True, verbose_name='founded on')),
                    ('standing', models.CharField(choices=[('active', 'in business'), ('liquidation', 'in liquidation'), ('deregistered', 'deregistered')], max_length=12, null=True, verbose_name='standing')),
                    ('ownership', models.CharField(choices=[('state', 'state-owned'), ('private', 'private'), ('foreign', 'foreign-funded'), ('collective', 'collective')], max_length=10, null=True, verbose_name='ownership')),
                    ('is_government_unit', models.BooleanField(null=True, verbose_name='is a government unit')),
                    ('staff', models.IntegerField(null=True, verbose_name='staff')),
                    ('revenue_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True, verbose_name='revenue')),
                    ('assets_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True, verbose_name='assets')),
                    ('size', models.CharField(choices=[('large', 'large'), ('medium', 'medium'), ('small', 'small'), ('micro', 'micro')], max_length=6, null=True, verbose_name='size')),
                ],
                options={
                    'verbose_name': 'company',
                    'verbose_name_plural': 'companies',
                    'constraints': [models.CheckConstraint(condition=models.Q(('credit_code__regex', '^[0-9A-HJ-NP-RTUW-Y]{18}$')), name='company_credit_code_has_form'), models.CheckConstraint(condition=models.Q(('industry_code__regex', '^[A-T][0-9]{2,4}$')), name='company_industry_code_has_form')],
                },
            ), migrations.CreateModel(
                name='Delivery',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery_id', models.CharField(max_length=64, verbose_name='delivery id')),
                    ('dataset', models.CharField(max_length=40, verbose_name='dataset')),
                    ('as_of_on', models.DateField(verbose_name='as of')),
                    ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                    ('byte_count', models.BigIntegerField(verbose_name='bytes')),
                    ('status', models.CharField(choices=[('landed', 'landed'), ('failed', 'failed')], max_length=8, verbose_name='status')),
                    ('refusal', models.TextField(blank=True, verbose_name='refusal')),
                    ('refusal_en', models.TextField(blank=True, db_default='', default='', verbose_name='refusal in English')),
                    ('landed_count', models.IntegerField(default=0, verbose_name='rows landed')),
                    ('quarantined_count', models.IntegerField(default=0, verbose_name='rows in quarantine')),
                    ('changed_count', models.IntegerField(default=0, verbose_name='facts changed or new')),
                    ('received_at', models.DateTimeField(verbose_name='received at')),
                    ('delivered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='delivered by')),
                ],
                options={
                    'verbose_name': 'delivery',
                    'verbose_name_plural': 'deliveries',
                    'indexes': [models.Index(fields=['dataset', '-as_of_on'], name='delivery_freshness')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'landed')), fields=('delivery_id',), name='delivery_lands_once')],
                },
            ), migrations.CreateModel(
                name='CompanyDistrict',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='districts', to='companies.company')),
                    ('district', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.district', verbose_name='district')),
                    ('valid_from', models.DateField(verbose_name='valid from')),
                ],
                options={
                    'verbose_name': 'district of a company',
                    'verbose_name_plural': 'districts of companies',
                    'constraints': [models.UniqueConstraint(fields=('company', 'valid_from'), name='company_district_once_per_day')],
                },
            ), migrations.CreateModel(
                name='Employee',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('id_number_encrypted', models.BinaryField()),
                    ('id_number_hash', models.BinaryField(max_length=32, unique=True)),
                    ('id_number_masked', models.CharField(max_length=18, verbose_name='ID number')),
                    ('name', models.CharField(max_length=60, verbose_name='name')),
                    ('born_on', models.DateField(null=True, verbose_name='born on')),
                    ('spouse', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='companies.employee', verbose_name='spouse')),
                ],
                options={
                    'verbose_name': 'employee',
                    'verbose_name_plural': 'employees',
                    'constraints': [models.CheckConstraint(condition=models.Q(('spouse', models.F('id')), _negated=True), name='employee_is_not_own_spouse'), models.CheckConstraint(condition=models.Q(('id_number_masked__regex', '^[0-9]{3}[*]{13}[0-9X]{2}$')), name='employee_id_number_is_masked')],
                },
            ), migrations.CreateModel(
                name='Membership',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                    ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='companies.company', verbose_name='company')),
                ],
                options={
                    'verbose_name': 'membership',
                    'verbose_name_plural': 'memberships',
                    'constraints': [models.UniqueConstraint(fields=('user', 'company'), name='membership_once_per_company')],
                },
            ), migrations.CreateModel(
                name='QuarantinedRow',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quarantined_rows', to='companies.delivery')),
                    ('row_number', models.IntegerField(verbose_name='row')),
                    ('column', models.CharField(blank=True, max_length=40, verbose_name='column')),
                    ('reason', models.CharField(choices=[('missing', 'is missing'), ('not_a_number', 'is not a plain number such as 1234.50'), ('not_whole', 'is not a whole number such as 12'), ('too_precise', 'has more than {detail} decimals'), ('too_large', 'has more than {detail} digits before the point'), ('not_a_date', 'is not a date such as 2024-03-31, from 1900 to 2099'), ('not_a_month', 'is not a month such as 2024-03'), ('not_a_quarter', 'is not a quarter such as 2024Q1'), ('not_yes_or_no', 'is neither true nor false'), ('not_a_choice', 'must be one of: {detail}'), ('wrong_form', 'does not look like {detail}'), ('too_long', 'is longer than {detail} characters'), ('control_character', 'contains a line break or another control character'), ('wrong_credit_code', 'is no credit code: the check digit does not fit'), ('unknown_company', 'belongs to no registered company; deliver its registration first'), ('wrong_id_number', 'is no ID number: 18 characters with a fitting check digit are expected'), ('unknown_person', 'belongs to nobody who is insured as an employee of a company here'), ('own_spouse', "is the person's own ID number"), ('wrong_account_number', 'is no account number: 8 to 32 digits are expected'), ('unknown_district', 'is no district of the city on that date'), ('duplicate', 'repeats the key of row {detail}'), ('superseded', 'differs from data as of {detail} that landed earlier; deliver it with a newer date'), ('payees_word', 'differs from the account that the payee told us on {detail}, which stays in use; only the payee changes it'), ('ragged', 'has {detail} fields, unlike the header'), ('malformed', 'cannot be read: {detail}')], max_length=24, verbose_name='reason')),
                    ('detail', models.CharField(blank=True, max_length=200, verbose_name='detail')),
                ],
                options={
                    'verbose_name': 'row in quarantine',
                    'verbose_name_plural': 'rows in quarantine',
                    'constraints': [models.UniqueConstraint(fields=('delivery', 'row_number'), name='quarantined_row_once_per_row')],
                },
            ), migrations.CreateModel(
                name='TouchedCompany',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.company')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('delivery', 'company'), name='touched_company_once_per_delivery')],
                },
            ), migrations.CreateModel(
                name='ThirdParty',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(max_length=18, unique=True, verbose_name='credit code')),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('kind', models.CharField(choices=[('utility', 'utility'), ('bank', 'bank'), ('other', 'other')], max_length=8, verbose_name='kind')),
                    ('entered_at', models.DateTimeField(verbose_name='entered at')),
                    ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                ],
                options={
                    'verbose_name': 'third-party payee',
                    'verbose_name_plural': 'third-party payees',
                    'constraints': [models.CheckConstraint(condition=models.Q(('code__regex', '^[0-9A-HJ-NP-RTUW-Y]{18}$')), name='third_party_credit_code_has_form')],
                },
            ), migrations.CreateModel(
                name='PayeeAccount',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('company', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='companies.company')),
                    ('employee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='companies.employee')),
                    ('third_party', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='companies.thirdparty')),
                    ('holder_name', models.CharField(max_length=120, verbose_name='account holder')),
                    ('bank_name', models.CharField(max_length=120, verbose_name='bank')),
                    ('bank_number', models.CharField(max_length=12, verbose_name='bank number')),
                    ('number_encrypted', models.BinaryField()),
                    ('number_hash', models.BinaryField(max_length=32)),
                    ('number_masked', models.CharField(max_length=34, verbose_name='account number')),
                    ('entered_at', models.DateTimeField(null=True, verbose_name='entered at')),
                    ('is_active', models.BooleanField(default=True, verbose_name='is in use')),
                    ('is_payees_word', models.BooleanField(db_default=False, default=False, verbose_name='was told by the payee')),
                    ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                    ('checked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='checked by')),
                    ('checked_at', models.DateTimeField(null=True, verbose_name='checked at')),
                ],
                options={
                    'verbose_name': 'payee account',
                    'verbose_name_plural': 'payee accounts',
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('company__isnull', False), ('employee__isnull', True), ('third_party__isnull', True)), models.Q(('company__isnull', True), ('employee__isnull', False), ('third_party__isnull', True)), models.Q(('company__isnull', True), ('employee__isnull', True), ('third_party__isnull', False)), _connector='OR'), name='payee_account_has_one_owner'), models.CheckConstraint(condition=models.Q(('bank_number__regex', '^[0-9]{12}$')), name='payee_account_bank_number_has_form'), models.CheckConstraint(condition=models.Q(('number_masked__regex', '^[0-9]{3}[*]{3,}[0-9]{2}$')), name='payee_account_number_is_masked'), models.UniqueConstraint(condition=models.Q(('company__isnull', False), ('is_active', True)), fields=('company',), name='payee_account_one_active_per_company'), models.UniqueConstraint(condition=models.Q(('employee__isnull', False), ('is_active', True)), fields=('employee',), name='payee_account_one_active_per_employee'), models.UniqueConstraint(condition=models.Q(('is_active', True), ('third_party__isnull', False)), fields=('third_party',), name='payee_account_one_active_per_third_party'), models.CheckConstraint(condition=models.Q(('third_party', None), models.Q(('entered_at__isnull', False), ('entered_by__isnull', False)), _connector='OR'), name='payee_account_of_third_party_has_its_maker'), models.CheckConstraint(condition=models.Q(('third_party', None), ('is_active', False), models.Q(('checked_at__isnull', False), ('checked_by__isnull', False)), _connector='OR'), name='payee_account_of_third_party_is_checked'), models.CheckConstraint(condition=models.Q(('checked_by', None), models.Q(('entered_by__isnull', False), models.Q(('checked_by', models.F('entered_by')), _negated=True)), _connector='OR'), name='payee_account_is_checked_by_another_person')],
                },
            )],
        ),
    ]
