-- The person who decides an appeal neither filed it, nor demanded the money, nor found the breach, nor proposed or
-- confirmed anything about the demand.
BEGIN
    IF (
        NEW.decided_by_id <> NEW.filed_by_id AND NOT EXISTS (
            SELECT FROM payouts_recovery r
            JOIN payouts_postcheck c ON c.id = r.check_found_id
            WHERE r.id = NEW.recovery_id AND NEW.decided_by_id IN (r.demanded_by_id, c.checked_by_id)
        ) AND NOT EXISTS (
            SELECT FROM proposals_proposal p
            WHERE p.subject_id = NEW.recovery_id AND p.kind IN ('fraud', 'fine', 'ban') AND p.decision = 'confirmed'
                AND NEW.decided_by_id IN (p.proposed_by_id, p.decided_by_id)
        )
    ) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_is_decided_by_another_person',
            MESSAGE = 'As things stand this is not written.';
    END IF;
    RETURN NEW;
END;
