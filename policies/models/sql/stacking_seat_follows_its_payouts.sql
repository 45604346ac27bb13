-- A seat changes only by the triggers of payouts, and a seat that is inserted directly is empty.
BEGIN
    IF pg_trigger_depth() = 1 AND (TG_OP = 'UPDATE' OR NEW.policies <> '{}' OR NEW.total_cny <> 0) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'stacking_seat_follows_its_payouts',
            MESSAGE = 'A seat is taken by a payout and by nothing else.';
    END IF;
    RETURN NEW;
END;
