-- A suspension enters unlifted, for a version that is suspended, in the name of the person who suspended it.
BEGIN
    IF NEW.lifted_at IS NOT NULL OR NOT EXISTS (
        SELECT FROM policies_policyversion v
        WHERE v.id = NEW.version_id AND v.status = 'suspended'
            AND v.moved_by_id IS NOT DISTINCT FROM NEW.suspended_by_id
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'suspension_is_of_who_stopped_the_version',
            MESSAGE = 'Whoever stops a version answers for it.';
    END IF;
    RETURN NULL;
END;
