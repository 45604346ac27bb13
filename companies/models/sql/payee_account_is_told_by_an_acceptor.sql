-- Only somebody who signs for a firm tells the account to which its money goes.
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.is_payees_word AND OLD.entered_by_id IS NOT DISTINCT FROM NEW.entered_by_id THEN
            RETURN NEW;
        END IF;
    END IF;
    IF NOT EXISTS (
        SELECT FROM companies_membership m
        WHERE m.user_id = NEW.entered_by_id AND m.company_id = NEW.company_id AND m.role = 'acceptor'
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'payee_account_is_told_by_an_acceptor',
            MESSAGE = 'Only an acceptor of the firm tells its account.';
    END IF;
    RETURN NEW;
END;
