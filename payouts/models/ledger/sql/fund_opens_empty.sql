-- A fund opens with all balances zero, because money enters it only by postings.
BEGIN
    IF NEW.granted_cny <> 0 OR NEW.available_cny <> 0 OR NEW.reserved_cny <> 0 OR NEW.disbursed_cny <> 0
        OR NEW.recovered_cny <> 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'fund_opens_empty',
            MESSAGE = 'Money enters a fund by a posting.';
    END IF;
    RETURN NEW;
END;
