-- An objection enters undecided, and is against a payout that is publicised. Only what an officer records enters taken up;
-- what the public form sends is confirmed and taken up later.
--
-- The lock on the payout makes an objection and the approval of the payout wait for each other.
BEGIN
    PERFORM FROM payouts_payout p
    JOIN payouts_publication u ON u.payout_id = p.id
    WHERE u.id = NEW.publication_id AND p.status = 'publicised'
    FOR SHARE OF p;
    IF NOT FOUND OR NEW.is_upheld IS NOT NULL OR NEW.confirmed_at IS NOT NULL
        OR NEW.triage <> (CASE WHEN NEW.recorded_by_id IS NULL THEN '' ELSE 'taken_up' END)
    THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_is_against_a_publicised_payout',
            MESSAGE = 'Only what is shown is objected to.';
    END IF;
    RETURN NEW;
END;
