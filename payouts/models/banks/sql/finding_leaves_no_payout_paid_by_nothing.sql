-- Two clerks cannot confirm that a payment was never made while it is the only payment of a payout that counts as paid.
--
-- The lock on the payout makes the confirmation and a move of the payout wait for each other.
DECLARE
    its_payout bigint;
BEGIN
    SELECT i.payout_id INTO its_payout
    FROM payouts_reply r
    JOIN payouts_instruction i ON i.id = r.instruction_id
    WHERE r.id = NEW.reply_id;
    PERFORM FROM payouts_payout WHERE id = its_payout FOR NO KEY UPDATE;
    IF (
        NEW.was_paid
        OR NOT EXISTS (
            SELECT FROM payouts_payout p
            WHERE p.id = its_payout AND p.status IN ('paid', 'recovering', 'recovered')
        )
        OR EXISTS (
            SELECT FROM payouts_instruction i
            JOIN payouts_kept_payment k ON k.instruction_id = i.id
            WHERE i.payout_id = its_payout AND k.reply_id <> NEW.reply_id
        )
    ) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            CONSTRAINT = 'finding_leaves_no_payout_paid_by_nothing',
            MESSAGE = 'As things stand this is not written.';
    END IF;
    RETURN NEW;
END;
