-- A bank keeps its channel while a payment of one of its funds is on its way, and its account while one of its batches
-- is open, sealed or approved; after that the batch has the account.
--
-- The locks keep instructions from being stored meanwhile; `instruction_stays_on_its_channel` shares them.
BEGIN
    IF NEW.channel IS DISTINCT FROM OLD.channel THEN
        PERFORM pg_advisory_xact_lock(hashtext('payouts.channel_of_fund'), f.id::int)
        FROM (SELECT id FROM payouts_fund WHERE bank_id = NEW.id ORDER BY id) f;
    END IF;
    IF NEW.channel IS DISTINCT FROM OLD.channel
        AND EXISTS (SELECT FROM payouts_fund f WHERE f.bank_id = NEW.id AND payouts_fund_is_tied(f.id))
        OR EXISTS (
            SELECT FROM payouts_batch b WHERE b.bank_id = NEW.id AND b.status IN ('open', 'sealed', 'approved')
        ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_keeps_its_channel',
            MESSAGE = 'A bank with a payment on its way keeps its channel and account.';
    END IF;
    RETURN NEW;
END;
