-- A fund keeps its bank while one of its batches is open, sealed or approved.
BEGIN
    IF NEW.bank_id IS DISTINCT FROM OLD.bank_id AND EXISTS (
        SELECT FROM payouts_batch b WHERE b.fund_id = NEW.id AND b.status IN ('open', 'sealed', 'approved')
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'fund_stays_with_its_bank',
            MESSAGE = 'A fund with a batch on its way keeps its bank.';
    END IF;
    RETURN NEW;
END;
