-- A check enters without a result, and is about a payout that was paid.
BEGIN
    IF (
        NEW.result = '' AND EXISTS (
            SELECT FROM payouts_payout p
            WHERE p.id = NEW.payout_id AND p.status IN ('paid', 'recovering', 'recovered')
        )
    ) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'post_check_is_about_what_was_paid',
            MESSAGE = 'As things stand this is not written.';
    END IF;
    RETURN NEW;
END;
