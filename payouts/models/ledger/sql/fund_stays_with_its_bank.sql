-- A fund keeps its bank while a batch of it is under way, and while a payout that was tried over the bank's channel may
-- still be paid.
--
-- The lock keeps instructions of the fund from being stored meanwhile; `instruction_stays_on_its_channel` shares it.
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('payouts.channel_of_fund'), NEW.id::int);
    IF payouts_fund_is_tied(NEW.id) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'fund_stays_with_its_bank',
            MESSAGE = 'A fund with a payment on its way keeps its bank.';
    END IF;
    RETURN NEW;
END;
