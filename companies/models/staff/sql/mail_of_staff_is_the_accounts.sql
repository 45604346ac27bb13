-- A link for a new password of an official goes to the address of the account, which two people have confirmed.
BEGIN
    IF EXISTS (
        SELECT FROM companies_user u WHERE u.id = NEW.user_id AND u.is_staff AND lower(u.email) <> lower(NEW.email)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'mail_of_staff_is_the_accounts',
            MESSAGE = 'An official has the address of the account, and no other.';
    END IF;
    RETURN NEW;
END;
