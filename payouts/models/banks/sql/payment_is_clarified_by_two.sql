-- A single clerk cannot clarify a reply that says “paid”.
--
-- Such a clarification moves money, so it takes a finding, which another clerk confirms.
BEGIN
    IF ((SELECT outcome FROM payouts_reply WHERE id = NEW.reply_id) <> 'paid') IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_is_clarified_by_two',
            MESSAGE = 'As things stand this is not written.';
    END IF;
    RETURN NEW;
END;
