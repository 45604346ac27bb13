-- A demand ends in one of three ways, each with its condition.
--
-- It ends as repaid once all of it is repaid, no appeal is open, and no fraud, fine or ban is proposed; as withdrawn
-- once an appeal was upheld; and as come back once the bank returned the payment. In the last two cases the firm first
-- gets back what it had repaid, so the repayments of the demand sum to zero.
BEGIN
    IF (
        NEW.ended_as = 'repaid'
            AND NOT EXISTS (SELECT FROM payouts_appeal a WHERE a.recovery_id = NEW.id AND a.is_upheld IS NULL)
            AND NOT EXISTS (
                SELECT FROM proposals_proposal p
                WHERE p.subject_id = NEW.id AND p.kind IN ('fraud', 'fine', 'ban') AND p.decision = ''
            )
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
