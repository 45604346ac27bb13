-- A cap that is raised opens what the group had shut out, and the platform pays it. Where the group binds somebody,
-- since a policy of it was ever brought into force, only a confirmed proposal changes it, whose own trigger comes deeper.
BEGIN
    IF pg_trigger_depth() = 1 AND EXISTS (
        SELECT FROM policies_policyversion v
        WHERE v.status NOT IN ('draft', 'submitted')
            AND v.policy_id IN (SELECT policy_id FROM policies_stackingmember WHERE group_id = OLD.id)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'stacking_group_takes_two_officers',
            MESSAGE = 'Another officer confirms what becomes of this group.';
    END IF;
    RETURN NEW;
END;
