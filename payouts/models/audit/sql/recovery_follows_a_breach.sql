-- A demand rests on a check that found a breach, is about the payout that was checked, which is paid, and is for no
-- more than was paid.
BEGIN
    IF (
        NEW.ended_as = '' AND EXISTS (
            SELECT FROM payouts_postcheck c
            JOIN payouts_payout p ON p.id = c.payout_id
            WHERE c.id = NEW.check_found_id AND c.payout_id = NEW.payout_id AND c.result = 'breach'
                AND p.status = 'paid' AND NEW.amount_cny <= p.amount_cny
        )
    ) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'recovery_follows_a_breach',
            MESSAGE = 'As things stand this is not written.';
    END IF;
    RETURN NEW;
END;
