-- A ban ends before its time by a confirmed proposal, or with the demand that an appeal has overturned.
BEGIN
    IF NOT proposal_permits('lift_ban', NEW.id) AND NOT EXISTS (
        SELECT FROM payouts_appeal a
        WHERE a.recovery_id = NEW.recovery_id AND a.is_upheld
            AND (a.decided_by_id, a.decided_at) = (NEW.lifted_by_id, NEW.lifted_at)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'blacklisting_is_lifted_by_two',
            MESSAGE = 'This takes two people: one proposes it, another confirms it.';
    END IF;
    RETURN NEW;
END;
