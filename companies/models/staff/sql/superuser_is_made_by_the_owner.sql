-- Nobody on the platform gives or takes every right; the owner of the tables does, at a set-up.
BEGIN
    IF NOT companies_owner_works() THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'superuser_is_made_by_the_owner',
            MESSAGE = 'Only the owner of the tables makes a superuser.';
    END IF;
    RETURN NEW;
END;
