-- A fund opens without a bank and with all balances zero: two persons choose its bank, and money enters it only by
-- postings.
BEGIN
    IF NEW.granted_cny <> 0 OR NEW.available_cny <> 0 OR NEW.reserved_cny <> 0 OR NEW.disbursed_cny <> 0
        OR NEW.recovered_cny <> 0 OR NEW.bank_id IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'fund_opens_empty',
            MESSAGE = 'Money enters a fund by a posting, and its bank by a proposal.';
    END IF;
    RETURN NEW;
END;
