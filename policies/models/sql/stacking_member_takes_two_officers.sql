-- A policy joins or leaves a stacking group that binds somebody only by a confirmed proposal.
--
-- A policy that leaves admits claims that the group had excluded; `stacking_group_takes_two_officers.sql` gives the
-- reasons.
BEGIN
    -- The confirmation of a proposal locks the group too, so one of the two waits and reads the members that the other
    -- left.
    PERFORM FROM policies_stackinggroup WHERE id IN (OLD.group_id, NEW.group_id) FOR NO KEY UPDATE;
    IF NOT proposal_permits('stacking_group', coalesce(NEW.group_id, OLD.group_id)) AND EXISTS (
        SELECT FROM policies_policyversion v
        WHERE v.status NOT IN ('draft', 'submitted') AND (
            v.policy_id = NEW.policy_id
            OR v.policy_id IN (
                SELECT policy_id FROM policies_stackingmember WHERE group_id IN (OLD.group_id, NEW.group_id)
            )
        )
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'stacking_member_takes_two_officers',
            MESSAGE = 'Another officer confirms who is in this group.';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END;
