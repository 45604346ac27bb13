-- The balances of a fund change only by the trigger of its postings, and a fund keeps its version.
BEGIN
    IF pg_trigger_depth() = 1 AND
        (NEW.granted_cny, NEW.available_cny, NEW.reserved_cny, NEW.disbursed_cny, NEW.recovered_cny,
            NEW.id, NEW.version_id)
        IS DISTINCT FROM
        (OLD.granted_cny, OLD.available_cny, OLD.reserved_cny, OLD.disbursed_cny, OLD.recovered_cny,
            OLD.id, OLD.version_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'fund_follows_its_postings',
            MESSAGE = 'The balances of a fund change by postings alone.';
    END IF;
    RETURN NEW;
END;
