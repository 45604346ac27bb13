-- A notice is of an open proposal about the firm's demand, is given when it is proposed, and leaves time to answer.
--
-- The database knows no calendar of working days; five of them are never fewer than five days.
BEGIN
    IF (
        NEW.told_at IS NULL AND EXISTS (
            SELECT FROM proposals_proposal p
            WHERE p.id = NEW.proposal_id AND p.kind IN ('fraud', 'fine', 'ban') AND p.decision = ''
                AND p.subject_id = NEW.recovery_id AND p.proposed_at = NEW.given_at
        )
    ) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'hearing_notice_is_of_its_proposal',
            MESSAGE = 'A notice is given of what is proposed about the firm, at the moment it is proposed.';
    END IF;
    IF NEW.answer_until < (NEW.given_at AT TIME ZONE 'Asia/Shanghai')::date + 5 THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'hearing_lasts_long_enough',
            MESSAGE = 'The firm has five working days at least to answer.';
    END IF;
    RETURN NEW;
END;
