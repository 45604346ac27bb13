-- Security administrators alone look after officials: one proposes, another confirms, and both still are it.
CREATE OR REPLACE FUNCTION staff_check_people(proposal proposals_proposal) RETURNS void AS $$
BEGIN
    IF EXISTS (
        SELECT FROM unnest(ARRAY[proposal.proposed_by_id, proposal.decided_by_id]) AS person
        WHERE person IS NOT NULL AND NOT EXISTS (
            SELECT FROM companies_user u
            WHERE u.id = person AND u.is_active
                AND (u.is_superuser OR u.is_staff AND staff_roles_of(u.id) ? 'security_administrator')
        )
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_is_looked_after_by_its_administrators',
            MESSAGE = 'Security administrators alone look after the accounts of officials.';
    END IF;
    IF EXISTS (
        SELECT FROM jsonb_array_elements_text(coalesce(proposal.after -> 'roles', '[]')) AS role
        WHERE role NOT IN (SELECT name FROM auth_group)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_has_known_roles',
            MESSAGE = 'There is no such role.';
    END IF;
    IF proposal.after IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_account_is_kept',
            MESSAGE = 'The account of an official is closed, never deleted.';
    END IF;
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
