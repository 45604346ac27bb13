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
                name='CreditRecord',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('kind', models.CharField(choices=[('serious_dishonesty', 'serious dishonesty'), ('judgment_defaulter', 'judgment defaulter'), ('wage_arrears', 'wage arrears'), ('zombie', 'zombie firm'), ('abnormal_operation', 'abnormal operation')], max_length=20)),
                    ('listed_on', models.DateField()),
                    ('removed_on', models.DateField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'kind', 'listed_on'), name='credit_once_per_listed_on')],
                },
            ), migrations.CreateModel(
                name='Compound',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('code', models.CharField(max_length=20)),
                    ('managed_m2', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                    ('joined_epidemic_control', models.BooleanField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'code'), name='compounds_once_per_code')],
                },
            ), migrations.CreateModel(
                name='AnnualReport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('year', models.SmallIntegerField()),
                    ('staff', models.IntegerField(null=True)),
                    ('revenue_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                    ('assets_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'year'), name='annual_report_once_per_year')],
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
                name='ContributionMonth',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('employee', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.employee')),
                    ('month', models.CharField(max_length=7, validators=[django.core.validators.RegexValidator('^[0-9]{4}-(0[1-9]|1[0-2])$')])),
                    ('employer', models.CharField(max_length=18, null=True)),
                    ('fees_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('employee', 'month'), name='contributions_once_per_month'), models.CheckConstraint(condition=models.Q(('month__regex', '^[0-9]{4}-(0[1-9]|1[0-2])$')), name='contributions_month_has_form')],
                },
            ), migrations.CreateModel(
                name='CarSale',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('employee', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.employee')),
                    ('vin', models.CharField(max_length=17)),
                    ('is_new_energy', models.BooleanField(null=True)),
                    ('price_ex_tax_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                    ('sold_on', models.DateField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'vin'), name='car_sales_once_per_vin')],
                },
            ), migrations.CreateModel(
                name='BenefitMonth',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('employee', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.employee')),
                    ('month', models.CharField(max_length=7, validators=[django.core.validators.RegexValidator('^[0-9]{4}-(0[1-9]|1[0-2])$')])),
                    ('amount_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('employee', 'month'), name='unemployment_benefits_once_per_month'), models.CheckConstraint(condition=models.Q(('month__regex', '^[0-9]{4}-(0[1-9]|1[0-2])$')), name='unemployment_benefits_month_has_form')],
                },
            ), migrations.CreateModel(
                name='Employment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('employee', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='employments', to='companies.employee')),
                    ('hired_on', models.DateField(null=True)),
                    ('insured_from', models.DateField(null=True)),
                    ('insured_until', models.DateField(null=True)),
                    ('insured_months', models.SmallIntegerField(null=True)),
                    ('has_contract', models.BooleanField(null=True)),
                    ('graduated_on', models.DateField(null=True)),
                    ('is_registered_unemployed', models.BooleanField(null=True)),
                    ('age_at_hire', models.SmallIntegerField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'employee'), name='employment_once_per_employee')],
                },
            ), migrations.CreateModel(
                name='HardshipHire',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('employee', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.employee')),
                    ('hired_on', models.DateField(null=True)),
                    ('gender', models.CharField(choices=[('male', 'male'), ('female', 'female')], max_length=6, null=True)),
                    ('age_at_hire', models.SmallIntegerField(null=True)),
                    ('last_left_on', models.DateField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'employee'), name='hardship_hires_once_per_employee')],
                },
            ), migrations.CreateModel(
                name='Housing',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('employee', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.employee')),
                    ('owns_home', models.BooleanField(null=True)),
                    ('in_public_housing', models.BooleanField(null=True)),
                    ('has_subsidy', models.BooleanField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('employee',), name='housing_once_per_employee')],
                },
            ), migrations.CreateModel(
                name='InsuranceMonth',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('month', models.CharField(max_length=7, validators=[django.core.validators.RegexValidator('^[0-9]{4}-(0[1-9]|1[0-2])$')])),
                    ('insured', models.DecimalField(decimal_places=2, max_digits=9, null=True)),
                    ('is_paid', models.BooleanField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'month'), name='insurance_once_per_month'), models.CheckConstraint(condition=models.Q(('month__regex', '^[0-9]{4}-(0[1-9]|1[0-2])$')), name='insurance_month_has_form')],
                },
            ), migrations.CreateModel(
                name='InsuranceYear',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('year', models.SmallIntegerField()),
                    ('unemployment_premium_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                    ('insured', models.IntegerField(null=True)),
                    ('paid_months', models.SmallIntegerField(null=True)),
                    ('layoff_rate', models.DecimalField(decimal_places=4, max_digits=7, null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'year'), name='insurance_year_once_per_year')],
                },
            ), migrations.CreateModel(
                name='LibraryEntry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('trade', models.CharField(choices=[('industry', 'industry'), ('retail', 'retail'), ('catering', 'catering'), ('lodging', 'lodging'), ('service', 'services'), ('construction', 'construction'), ('real_estate', 'real estate')], max_length=12)),
                    ('entered_on', models.DateField(null=True)),
                    ('left_on', models.DateField(null=True)),
                    ('is_first_entry', models.BooleanField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'trade'), name='library_once_per_trade')],
                },
            ), migrations.CreateModel(
                name='Listing',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('name', models.CharField(max_length=40)),
                    ('year', models.SmallIntegerField()),
                    ('rank', models.IntegerField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'name', 'year'), name='lists_once_per_year')],
                },
            ), migrations.CreateModel(
                name='Loan',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('contract', models.CharField(max_length=40)),
                    ('principal_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                    ('rate', models.DecimalField(decimal_places=4, max_digits=7, null=True)),
                    ('drawn_on', models.DateField(null=True)),
                    ('due_on', models.DateField(null=True)),
                    ('is_fixed_asset', models.BooleanField(null=True)),
                    ('has_other_subsidy', models.BooleanField(null=True)),
                    ('lender', models.CharField(max_length=18, null=True, validators=[django.core.validators.RegexValidator('^[0-9A-HJ-NP-RTUW-Y]{18}$')])),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'contract'), name='loans_once_per_contract')],
                },
            ), migrations.CreateModel(
                name='Marriage',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('employee', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.employee')),
                    ('is_married', models.BooleanField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('employee',), name='marriage_once_per_employee')],
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
                name='OutputQuarter',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('quarter', models.CharField(max_length=6, validators=[django.core.validators.RegexValidator('^[0-9]{4}Q[1-4]$')])),
                    ('value_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'quarter'), name='output_once_per_quarter'), models.CheckConstraint(condition=models.Q(('quarter__regex', '^[0-9]{4}Q[1-4]$')), name='output_quarter_has_form')],
                },
            ), migrations.CreateModel(
                name='PersonCreditRecord',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('employee', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.employee')),
                    ('kind', models.CharField(choices=[('serious_dishonesty', 'serious dishonesty'), ('judgment_defaulter', 'judgment defaulter'), ('wage_arrears', 'wage arrears'), ('zombie', 'zombie firm'), ('abnormal_operation', 'abnormal operation')], max_length=20)),
                    ('listed_on', models.DateField()),
                    ('removed_on', models.DateField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('employee', 'kind', 'listed_on'), name='person_credit_once_per_listed_on')],
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
                name='RentMonth',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('lease', models.CharField(max_length=30)),
                    ('month', models.CharField(max_length=7, validators=[django.core.validators.RegexValidator('^[0-9]{4}-(0[1-9]|1[0-2])$')])),
                    ('amount_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                    ('paid_on', models.DateField(null=True)),
                    ('is_state_owned', models.BooleanField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'lease', 'month'), name='rents_once_per_month'), models.CheckConstraint(condition=models.Q(('month__regex', '^[0-9]{4}-(0[1-9]|1[0-2])$')), name='rents_month_has_form')],
                },
            ), migrations.CreateModel(
                name='ResearchYear',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('year', models.SmallIntegerField()),
                    ('expense_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'year'), name='research_once_per_year')],
                },
            ), migrations.CreateModel(
                name='RiskPeriod',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('started_on', models.DateField()),
                    ('ended_on', models.DateField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'started_on'), name='risk_periods_once_per_started_on')],
                },
            ), migrations.CreateModel(
                name='SalesMonth',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('month', models.CharField(max_length=7, validators=[django.core.validators.RegexValidator('^[0-9]{4}-(0[1-9]|1[0-2])$')])),
                    ('year', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(django.db.models.functions.text.Substr('month', 1, 4), models.SmallIntegerField()), output_field=models.SmallIntegerField())),
                    ('month_of_year', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(django.db.models.functions.text.Substr('month', 6, 2), models.SmallIntegerField()), output_field=models.SmallIntegerField())),
                    ('retail_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                    ('catering_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'month'), name='sales_once_per_month'), models.CheckConstraint(condition=models.Q(('month__regex', '^[0-9]{4}-(0[1-9]|1[0-2])$')), name='sales_month_has_form')],
                },
            ), migrations.CreateModel(
                name='Stoppage',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('started_on', models.DateField()),
                    ('ended_on', models.DateField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'started_on'), name='stoppages_once_per_started_on')],
                },
            ), migrations.CreateModel(
                name='Taxpayer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('district', models.CharField(max_length=6, null=True)),
                    ('is_normal', models.BooleanField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company',), name='taxpayer_once_per_company')],
                },
            ), migrations.CreateModel(
                name='TaxYear',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('year', models.SmallIntegerField()),
                    ('revenue_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                    ('tax_paid_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'year'), name='tax_once_per_year')],
                },
            ), migrations.CreateModel(
                name='Title',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('certificate', models.CharField(max_length=30)),
                    ('kind', models.CharField(choices=[('national_high_tech', 'national high-tech enterprise'), ('little_giant', 'national little giant'), ('provincial_specialised', 'provincial specialised firm')], max_length=24, null=True)),
                    ('recognition', models.CharField(choices=[('first', 'first recognition'), ('renewal', 'recognised again')], max_length=8, null=True)),
                    ('awarded_on', models.DateField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'certificate'), name='titles_once_per_certificate')],
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
                name='TraineeMonth',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('employee', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.employee')),
                    ('month', models.CharField(max_length=7, validators=[django.core.validators.RegexValidator('^[0-9]{4}-(0[1-9]|1[0-2])$')])),
                    ('kind', models.CharField(choices=[('hardship', 'person in hardship'), ('graduate', 'graduate of the last two years'), ('registered_unemployed', 'registered unemployed'), ('staff', 'other staff')], max_length=21, null=True)),
                    ('hired_on', models.DateField(null=True)),
                    ('month_number', models.SmallIntegerField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'employee', 'month'), name='trainings_once_per_month'), models.CheckConstraint(condition=models.Q(('month__regex', '^[0-9]{4}-(0[1-9]|1[0-2])$')), name='trainings_month_has_form')],
                },
            ), migrations.CreateModel(
                name='UtilityBill',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('kind', models.CharField(choices=[('electricity', 'electricity'), ('water', 'water'), ('gas', 'gas')], max_length=12)),
                    ('month', models.CharField(max_length=7, validators=[django.core.validators.RegexValidator('^[0-9]{4}-(0[1-9]|1[0-2])$')])),
                    ('amount_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                    ('is_resident', models.BooleanField(null=True)),
                    ('supplier', models.CharField(max_length=18, null=True, validators=[django.core.validators.RegexValidator('^[0-9A-HJ-NP-RTUW-Y]{18}$')])),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('company', 'kind', 'month'), name='utilities_once_per_month'), models.CheckConstraint(condition=models.Q(('month__regex', '^[0-9]{4}-(0[1-9]|1[0-2])$')), name='utilities_month_has_form')],
                },
            ), migrations.CreateModel(
                name='WageYear',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.delivery')),
                    ('employee', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.employee')),
                    ('year', models.SmallIntegerField()),
                    ('total_cny', qinqing.kernel.database.columns.MoneyField(decimal_places=2, max_digits=14, null=True)),
                    ('months', models.SmallIntegerField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('employee', 'year'), name='wages_once_per_year')],
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
