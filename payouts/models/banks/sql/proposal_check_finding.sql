-- Of each reply it is found once whether the bank made the payment.
CREATE OR REPLACE FUNCTION proposal_check_finding(proposal proposals_proposal) RETURNS void AS $$
BEGIN
    IF EXISTS (SELECT FROM payouts_finding WHERE reply_id = proposal.subject_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'finding_once_per_reply',
            MESSAGE = 'Something was found about this payment already.';
    END IF;
END;
$$ LANGUAGE plpgsql;
