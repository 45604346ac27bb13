-- An objection is taken up only while its payout is publicised, for it could not stop the payout any more.
--
-- The lock on the payout makes this and the approval of the payout wait for each other.
BEGIN
    PERFORM FROM payouts_payout p
    JOIN payouts_publication u ON u.payout_id = p.id
    WHERE u.id = NEW.publication_id AND p.status = 'publicised'
    FOR SHARE OF p;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_is_taken_up_while_publicised',
            MESSAGE = 'The payout has left the public list.';
    END IF;
    RETURN NEW;
END;
