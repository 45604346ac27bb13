-- An invitation enters open, and somebody who signs for the firm made it.
BEGIN
    IF NEW.ended_as <> '' OR NOT EXISTS (
        SELECT FROM companies_membership m
        WHERE m.user_id = NEW.invited_by_id AND m.company_id = NEW.company_id AND m.role = 'acceptor'
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'invitation_is_by_an_acceptor',
            MESSAGE = 'Only an acceptor of the firm invites.';
    END IF;
    RETURN NEW;
END;
