-- Refuses a finding about a firm that names no document, or that is confirmed before the firm was heard.
--
-- The firm was given notice of this proposal, and has answered or waived it, or its last day to answer is over. The
-- times are those that the product writes: when the notice was given, when it was answered, when it is decided.
CREATE OR REPLACE FUNCTION payouts_refuse_unheard(proposal proposals_proposal) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF proposal.document_number = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'finding_names_its_document',
            MESSAGE = 'What is found about a firm has a document with a number.';
    END IF;
    IF proposal.decision = 'confirmed' AND NOT EXISTS (
        SELECT FROM payouts_hearingnotice n
        LEFT JOIN payouts_hearinganswer a ON a.notice_id = n.id
        WHERE n.proposal_id = proposal.id AND (
            a.answered_at <= proposal.decided_at
            OR n.answer_until < (proposal.decided_at AT TIME ZONE 'Asia/Shanghai')::date
        )
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'firm_is_heard_before_the_decision',
            MESSAGE = 'The firm was given no notice, or may still answer it.';
    END IF;
END;
$$;
