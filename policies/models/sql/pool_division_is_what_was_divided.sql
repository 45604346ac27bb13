-- A pool division states the sum of the open entitlements of its version.
BEGIN
    IF (
        SELECT coalesce(sum(amount_cny), 0) FROM policies_entitlement
        WHERE version_id = NEW.version_id AND status = 'open'
    ) <> NEW.divided_cny THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'pool_division_is_what_was_divided',
            MESSAGE = 'A division says what the portions come to.';
    END IF;
    RETURN NEW;
END;
