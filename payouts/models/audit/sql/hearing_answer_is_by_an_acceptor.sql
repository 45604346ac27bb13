-- An answer comes from somebody who signs for the firm, after the notice and before the decision.
--
-- The lock on the proposal makes an answer and the decision wait for each other.
DECLARE
    proposal_id bigint := (SELECT n.proposal_id FROM payouts_hearingnotice n WHERE n.id = NEW.notice_id);
BEGIN
    PERFORM FROM proposals_proposal WHERE id = proposal_id FOR NO KEY UPDATE;
    IF NOT EXISTS (
        SELECT FROM payouts_hearingnotice n
        JOIN proposals_proposal o ON o.id = n.proposal_id
        WHERE n.id = NEW.notice_id AND o.decision = '' AND NEW.answered_at >= n.given_at
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'hearing_answer_is_before_the_decision',
            MESSAGE = 'An answer is given after the notice and before the decision.';
    END IF;
    IF NOT EXISTS (
        SELECT FROM payouts_hearingnotice n
        JOIN payouts_recovery r ON r.id = n.recovery_id
        JOIN payouts_payout p ON p.id = r.payout_id
        JOIN companies_membership m ON m.company_id = p.company_id
        WHERE n.id = NEW.notice_id AND m.user_id = NEW.answered_by_id AND m.role = 'acceptor'
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'hearing_answer_is_by_an_acceptor',
            MESSAGE = 'Only an acceptor of the firm answers for it.';
    END IF;
    RETURN NEW;
END;
