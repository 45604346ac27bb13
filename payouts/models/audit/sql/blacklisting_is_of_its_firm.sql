-- A blacklist entry enters unlifted, and names the firm whose payout is demanded back.
BEGIN
    IF (
        NEW.lifted_at IS NULL AND NEW.company_id = (
            SELECT p.company_id FROM payouts_recovery r
            JOIN payouts_payout p ON p.id = r.payout_id
            WHERE r.id = NEW.recovery_id
        )
    ) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'blacklisting_is_of_its_firm',
            MESSAGE = 'As things stand this is not written.';
    END IF;
    RETURN NEW;
END;
