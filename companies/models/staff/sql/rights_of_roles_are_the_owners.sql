-- What a role may do stands in the code, and migrations write it, as the owner of the tables.
BEGIN
    IF NOT companies_owner_works() THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'rights_of_roles_are_the_owners',
            MESSAGE = 'Only a migration changes what a role may do.';
    END IF;
    RETURN coalesce(NEW, OLD);
END;
