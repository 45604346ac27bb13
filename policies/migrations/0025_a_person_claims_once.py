import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import qinqing.kernel.triggers
from django.db import migrations, models


# Of a claim that was made before, the key and the chosen employee say who the couple was; today's spouse may be another.
PERSONS = """
    UPDATE policies_entitlement AS e SET persons = ARRAY(
        SELECT DISTINCT person FROM unnest(ARRAY[
            e.employee_id,
            substring(e.subject_key FROM '^couple:([0-9]+)$')::bigint,
            CASE WHEN e.status <> 'claimed' THEN p.spouse_id END
        ]) AS n (person) WHERE person IS NOT NULL
    )
    FROM companies_employee AS p WHERE e.subject_key LIKE 'couple:%' AND p.id = e.employee_id
"""
CLAIMED = """
    INSERT INTO policies_claimedperson (policy_id, period_key, person_id, entitlement_id)
    SELECT e.policy_id, e.period_key, person, e.id FROM policies_entitlement AS e, unnest(e.persons) AS n (person)
    WHERE e.status = 'claimed' ORDER BY e.id
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0005_what_the_payee_said'),
        ('policies', '0024_employees_of_entitlements'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClaimedPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period_key', models.CharField(blank=True, max_length=10)),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='entitlement',
            name='entitlement_claimed_is_never_rewritten',
        ),
        migrations.AddField(
            model_name='entitlement',
            name='persons',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), null=True, size=None),
        ),
        migrations.RunSQL(PERSONS, migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name='entitlement',
            trigger=pgtrigger.compiler.Trigger(name='entitlement_claimed_is_never_rewritten', sql=qinqing.kernel.triggers.GuardSql(condition="WHEN ('claimed' IN (OLD.status, NEW.status) AND (OLD.version_id IS DISTINCT FROM NEW.version_id OR OLD.company_id IS DISTINCT FROM NEW.company_id OR OLD.employee_id IS DISTINCT FROM NEW.employee_id OR OLD.persons IS DISTINCT FROM NEW.persons OR OLD.amount_cny IS DISTINCT FROM NEW.amount_cny OR OLD.base_cny IS DISTINCT FROM NEW.base_cny OR OLD.limit_cny IS DISTINCT FROM NEW.limit_cny OR OLD.payee_code IS DISTINCT FROM NEW.payee_code OR OLD.evidence IS DISTINCT FROM NEW.evidence OR OLD.version_hash IS DISTINCT FROM NEW.version_hash OR OLD.as_of_on IS DISTINCT FROM NEW.as_of_on OR OLD.district IS DISTINCT FROM NEW.district OR OLD.decided_at IS DISTINCT FROM NEW.decided_at))", func="RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'entitlement_claimed_is_never_rewritten', MESSAGE = 'A claimed entitlement is never rewritten.';", hash='b6930ab96778afdafc9199ca35eab3601d59c942', operation='UPDATE', pgid='pgtrigger_entitlement_claimed_is_never_rewritten_66e0b', table='policies_entitlement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='entitlement',
            trigger=pgtrigger.compiler.Trigger(name='entitlement_claims_its_persons_at_once', sql=qinqing.kernel.triggers.GuardSql(condition="WHEN (NEW.persons IS NOT NULL AND NEW.status = 'claimed')", func='\n    INSERT INTO policies_claimedperson (policy_id, period_key, person_id, entitlement_id)\n    SELECT NEW.policy_id, NEW.period_key, person, NEW.id FROM (SELECT DISTINCT unnest(NEW.persons)) AS n (person)\n    ORDER BY person;\n RETURN NULL;', hash='ebb645c0eb60b74600537990681021d5376e03a5', operation='INSERT', pgid='pgtrigger_entitlement_claims_its_persons_at_once_e08dc', table='policies_entitlement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='entitlement',
            trigger=pgtrigger.compiler.Trigger(name='entitlement_claims_its_persons', sql=qinqing.kernel.triggers.GuardSql(condition="WHEN (NEW.persons IS NOT NULL AND OLD.status IS DISTINCT FROM NEW.status AND 'claimed' IN (OLD.status, NEW.status))", func="\n            IF NEW.status = 'claimed' THEN\n                \n    INSERT INTO policies_claimedperson (policy_id, period_key, person_id, entitlement_id)\n    SELECT NEW.policy_id, NEW.period_key, person, NEW.id FROM (SELECT DISTINCT unnest(NEW.persons)) AS n (person)\n    ORDER BY person;\n\n            ELSE\n                DELETE FROM policies_claimedperson\n                WHERE policy_id = NEW.policy_id AND period_key = NEW.period_key AND person_id = ANY (NEW.persons);\n            END IF;\n            RETURN NULL;\n        ", hash='169feb967512264fb6efc974bd7bdb008dc6e5d4', operation='UPDATE', pgid='pgtrigger_entitlement_claims_its_persons_b27e3', table='policies_entitlement', when='AFTER')),
        ),
        migrations.AddField(
            model_name='claimedperson',
            name='entitlement',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.entitlement'),
        ),
        migrations.AddField(
            model_name='claimedperson',
            name='person',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.employee'),
        ),
        migrations.AddField(
            model_name='claimedperson',
            name='policy',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.policy'),
        ),
        migrations.AddConstraint(
            model_name='claimedperson',
            constraint=models.UniqueConstraint(fields=('policy', 'period_key', 'person'), name='claimed_person_once'),
        ),
        migrations.RunSQL(CLAIMED, migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name='claimedperson',
            trigger=pgtrigger.compiler.Trigger(name='claimed_person_follows_its_claim', sql=qinqing.kernel.triggers.GuardSql(condition='WHEN (pg_trigger_depth() = 0)', func="RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'claimed_person_follows_its_claim', MESSAGE = 'Who has claimed is told by the entitlements alone.';", hash='d8e7a24e8b9c647d97248d3d6dec5900cc14e256', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_claimed_person_follows_its_claim_60507', table='policies_claimedperson', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='claimedperson',
            trigger=pgtrigger.compiler.Trigger(name='claimed_person_follows_its_claim_whole', sql=qinqing.kernel.triggers.GuardSql(func="RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'claimed_person_follows_its_claim', MESSAGE = 'Who has claimed is told by the entitlements alone.';", hash='69929f473c0700d08845fcca38b938409f8ec20e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_claimed_person_follows_its_claim_whole_aded8', table='policies_claimedperson', when='BEFORE')),
        ),
    ]
