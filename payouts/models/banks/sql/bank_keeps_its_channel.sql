-- A bank keeps its channel and its account while one of its batches is open, sealed or approved.
BEGIN
    IF (NEW.channel, NEW.payer_account, NEW.payer_bank_number)
        IS DISTINCT FROM (OLD.channel, OLD.payer_account, OLD.payer_bank_number)
        AND EXISTS (
            SELECT FROM payouts_batch b WHERE b.bank_id = NEW.id AND b.status IN ('open', 'sealed', 'approved')
        ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_keeps_its_channel',
            MESSAGE = 'A bank with a batch on its way keeps its channel and account.';
    END IF;
    RETURN NEW;
END;
