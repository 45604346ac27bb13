-- A clarification is about a reply that contradicts what the platform knew.
BEGIN
    IF ((SELECT contradicted_status FROM payouts_reply WHERE id = NEW.reply_id) <> '') IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'clarification_is_of_a_contradiction',
            MESSAGE = 'As things stand this is not written.';
    END IF;
    RETURN NEW;
END;
