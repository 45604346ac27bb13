-- The person who recorded a repayment of a demand does not end that demand.
BEGIN
    IF EXISTS (
        SELECT FROM payouts_repayment r WHERE r.recovery_id = NEW.id AND r.recorded_by_id = NEW.ended_by_id
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            CONSTRAINT = 'recovery_is_not_ended_by_who_took_the_money',
            MESSAGE = 'As things stand this is not written.';
    END IF;
    RETURN NEW;
END;
