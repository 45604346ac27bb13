-- Once a version's pool is divided, the version gets no further entitlement, and the amounts of those it has do not
-- change.
BEGIN
    IF EXISTS (SELECT FROM policies_pooldivision WHERE version_id = NEW.version_id) AND (
        TG_OP = 'INSERT'
        OR (NEW.base_cny, NEW.limit_cny, NEW.amount_cny, NEW.version_id)
            IS DISTINCT FROM (OLD.base_cny, OLD.limit_cny, OLD.amount_cny, OLD.version_id)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'entitlement_keeps_its_portion',
            MESSAGE = 'The portions of a pool that was divided never change.';
    END IF;
    RETURN NEW;
END;
