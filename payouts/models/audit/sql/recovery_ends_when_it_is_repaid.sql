-- A demand ends when all of it is repaid and no appeal is open; when an appeal was right; or when the bank sent back
-- what it had paid. What was repaid is paid back to the firm before a demand ends without it.
BEGIN
    IF (
        NEW.ended_as = 'repaid'
            AND NOT EXISTS (SELECT FROM payouts_appeal a WHERE a.recovery_id = NEW.id AND a.is_upheld IS NULL)
            AND (NEW.amount_cny, NEW.fine_cny) = (
                SELECT coalesce(sum(principal_cny), 0), coalesce(sum(fine_cny), 0)
                FROM payouts_repayment WHERE recovery_id = NEW.id
            )
        OR NEW.ended_as = 'withdrawn'
            AND EXISTS (SELECT FROM payouts_appeal a WHERE a.recovery_id = NEW.id AND a.is_upheld)
            AND (
                SELECT coalesce(sum(principal_cny + fine_cny), 0) FROM payouts_repayment WHERE recovery_id = NEW.id
            ) = 0
        OR NEW.ended_as = 'came_back'
            AND EXISTS (
                SELECT FROM payouts_attempt a WHERE a.payout_id = NEW.payout_id AND a.is_returned OFFSET 0
            )
            AND NOT EXISTS (
                SELECT FROM payouts_attempt a WHERE a.payout_id = NEW.payout_id AND a.is_paid OFFSET 0
            )
            AND (
                SELECT coalesce(sum(principal_cny + fine_cny), 0) FROM payouts_repayment WHERE recovery_id = NEW.id
            ) = 0
    ) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'recovery_ends_when_it_is_repaid',
            MESSAGE = 'As things stand this is not written.';
    END IF;
    RETURN NEW;
END;
