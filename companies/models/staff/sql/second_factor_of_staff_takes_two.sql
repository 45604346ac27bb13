-- A second factor of an official is taken away by the official, or as two people have said.
BEGIN
    IF EXISTS (SELECT FROM companies_user u WHERE u.id = OLD.user_id AND u.is_staff) AND NOT (
        proposal_permits('staff_factor', OLD.user_id)
        -- The pages on which a person removes the own factors say so, and no other.
        OR current_setting('qinqing.own_factors_of', true) IS NOT DISTINCT FROM OLD.user_id::text
        OR companies_owner_works()
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'second_factor_of_staff_takes_two',
            MESSAGE = 'This takes two people: one proposes it, another confirms it.';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END;
