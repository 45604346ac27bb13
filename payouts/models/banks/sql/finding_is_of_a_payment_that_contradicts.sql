-- A finding enters undecided, and is about a reply that says “paid” and contradicts what the platform knew.
BEGIN
    IF (
        NEW.decision = '' AND (
            SELECT outcome = 'paid' AND contradicted_status <> '' FROM payouts_reply WHERE id = NEW.reply_id
        )
    ) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            CONSTRAINT = 'finding_is_of_a_payment_that_contradicts',
            MESSAGE = 'As things stand this is not written.';
    END IF;
    RETURN NEW;
END;
