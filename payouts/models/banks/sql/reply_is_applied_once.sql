-- A reply is applied once, and what the bank said in it never changes.
BEGIN
    IF OLD.applied_at IS NOT NULL OR NEW.applied_at IS NULL
        OR (NEW.id, NEW.instruction_id, NEW.outcome, NEW.bank_reference, NEW.reason, NEW.received_at, NEW.line_id)
        IS DISTINCT FROM
        (OLD.id, OLD.instruction_id, OLD.outcome, OLD.bank_reference, OLD.reason, OLD.received_at, OLD.line_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'reply_is_applied_once',
            MESSAGE = 'What the bank said is kept as it came.';
    END IF;
    RETURN NEW;
END;
