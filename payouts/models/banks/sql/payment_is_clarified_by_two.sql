-- By what is found out about a payment money moves: that takes a finding, which another clerk confirms.
BEGIN
    IF ((SELECT outcome FROM payouts_reply WHERE id = NEW.reply_id) <> 'paid') IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_is_clarified_by_two',
            MESSAGE = 'As things stand this is not written.';
    END IF;
    RETURN NEW;
END;
