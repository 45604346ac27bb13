-- A stacking group with a policy that was ever in force changes only by a confirmed proposal.
--
-- A higher cap admits claims that the group had excluded, and the platform pays them, so a second officer must agree.
BEGIN
    IF NOT proposal_permits('stacking_group', OLD.id) AND EXISTS (
        SELECT FROM policies_policyversion v
        WHERE v.status NOT IN ('draft', 'submitted')
            AND v.policy_id IN (SELECT policy_id FROM policies_stackingmember WHERE group_id = OLD.id)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'stacking_group_takes_two_officers',
            MESSAGE = 'Another officer confirms what becomes of this group.';
    END IF;
    RETURN NEW;
END;
