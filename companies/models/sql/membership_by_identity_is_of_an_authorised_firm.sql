-- The city's identity makes nobody a member of a firm that has not authorised the use of its data.
BEGIN
    IF NOT EXISTS (SELECT FROM companies_dataauthorisation a WHERE a.company_id = NEW.company_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            CONSTRAINT = 'membership_by_identity_is_of_an_authorised_firm',
            MESSAGE = 'The firm authorises the use of its data first.';
    END IF;
    RETURN NEW;
END;
