-- A row of a reply file keeps the values that were read from the file.
--
-- Its instruction and its verdict may change until the file is applied. After that only a person's decision changes
-- them, and only once; the first verdict is kept.
BEGIN
    IF (NEW.id, NEW.file_id, NEW.number, NEW.end_to_end_id, NEW.outcome, NEW.said, NEW.bank_reference, NEW.reason,
            NEW.amount_cny, NEW.amount_said)
        IS DISTINCT FROM
        (OLD.id, OLD.file_id, OLD.number, OLD.end_to_end_id, OLD.outcome, OLD.said, OLD.bank_reference, OLD.reason,
            OLD.amount_cny, OLD.amount_said)
        OR OLD.decided_at IS NOT NULL
        OR (
            NEW.decided_at IS NULL
            AND (NEW.instruction_id, NEW.verdict) IS DISTINCT FROM (OLD.instruction_id, OLD.verdict)
            AND EXISTS (SELECT FROM payouts_replyfile f WHERE f.id = OLD.file_id AND f.status = 'applied')
        ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'reply_line_is_decided_once',
            MESSAGE = 'A row is kept as it was read, and decided once.';
    END IF;
    NEW.first_verdict := CASE WHEN NEW.decided_at IS NOT NULL THEN OLD.verdict ELSE '' END;
    RETURN NEW;
END;
