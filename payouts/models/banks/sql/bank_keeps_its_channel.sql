-- A bank keeps its channel while a payment of one of its funds is on its way, and its account while one of its batches
-- is open, sealed or approved.
BEGIN
    IF payouts_bank_is_tied(NEW.id, NEW.channel IS DISTINCT FROM OLD.channel) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_keeps_its_channel',
            MESSAGE = 'A bank with a payment on its way keeps its channel and account.';
    END IF;
    RETURN NEW;
END;
