-- A batch for the file channel opens empty, for the bank that pays its fund by files; a batch for payouts that went over
-- the bank's interface opens as exported.
--
-- The locks make a change of the fund's bank or of the bank's channel wait, and then find the batch.
BEGIN
    IF (NEW.channel = 'file') <> (NEW.status = 'open') OR (NEW.channel = 'http') <> (NEW.status = 'exported') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_opens',
            MESSAGE = 'A batch of files opens empty; what went over the interface is sealed at once.';
    END IF;
    IF NEW.channel = 'file' THEN
        PERFORM FROM payouts_bank WHERE id = NEW.bank_id FOR SHARE;
        PERFORM FROM payouts_fund WHERE id = NEW.fund_id FOR SHARE;
        IF NOT EXISTS (
            SELECT FROM payouts_fund f JOIN payouts_bank k ON k.id = f.bank_id
            WHERE f.id = NEW.fund_id AND k.id = NEW.bank_id AND k.channel = 'file'
        ) THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_is_of_the_bank_of_its_fund',
                MESSAGE = 'A batch of files goes to the bank that pays its fund by files.';
        END IF;
    END IF;
    RETURN NEW;
END;
