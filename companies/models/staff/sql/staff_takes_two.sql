-- What an official may do, and whose the account is, changes only as two people have said, or at a set-up.
BEGIN
    IF NOT (
        proposal_permits('staff_roles', {{person}}) OR proposal_permits('staff_account', {{person}})
        -- A new account has no number yet when two people agree on it.
        OR proposal_permits('staff_account', 0) OR companies_owner_works()
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{{promise}}',
            MESSAGE = 'This takes two people: one proposes it, another confirms it.';
    END IF;
    RETURN {{row}};
END;
