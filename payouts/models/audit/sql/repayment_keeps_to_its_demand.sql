-- The repayments of a demand never exceed it, and the principal of each is posted into the fund.
--
-- The lock on the demand makes a second repayment wait, for two at a time could exceed the demand together. A negative
-- principal was paid back to the firm, so it leaves the fund.
DECLARE
    owed payouts_recovery%ROWTYPE;
BEGIN
    SELECT * INTO owed FROM payouts_recovery WHERE id = NEW.recovery_id FOR NO KEY UPDATE;
    IF owed.ended_as <> '' OR (
        SELECT sum(principal_cny) NOT BETWEEN 0 AND owed.amount_cny OR sum(fine_cny) NOT BETWEEN 0 AND owed.fine_cny
        FROM payouts_repayment WHERE recovery_id = NEW.recovery_id
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'repayment_keeps_to_its_demand',
            MESSAGE = 'No more is repaid than was demanded.';
    END IF;
    IF NEW.principal_cny <> 0 THEN
        INSERT INTO payouts_posting (fund_id, repayment_id, debit, credit, amount_cny, posted_at, posted_by_id)
        SELECT
            p.fund_id,
            NEW.id,
            CASE WHEN NEW.principal_cny > 0 THEN 'recovered' ELSE 'available' END,
            CASE WHEN NEW.principal_cny > 0 THEN 'available' ELSE 'recovered' END,
            abs(NEW.principal_cny),
            NEW.recorded_at,
            NEW.recorded_by_id
        FROM payouts_payout p
        WHERE p.id = owed.payout_id;
    END IF;
    RETURN NULL;
END;
