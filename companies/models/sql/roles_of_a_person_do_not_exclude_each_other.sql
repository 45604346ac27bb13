-- Nobody is given a role that `companies.classifications.roles` excludes beside another role of the same person.
BEGIN
    -- If two transactions give roles to one person, the second waits here and then reads what the first has given.
    PERFORM FROM companies_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM companies_user_groups held
        JOIN auth_group one ON one.id = held.group_id
        JOIN auth_group other ON other.id = NEW.group_id
        WHERE held.user_id = NEW.user_id AND held.id <> NEW.id AND (one.name, other.name) IN (
            {{exclusions}}
        )
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            CONSTRAINT = 'roles_of_a_person_do_not_exclude_each_other',
            MESSAGE = 'Another role of the person excludes this one.';
    END IF;
    RETURN NEW;
END;
