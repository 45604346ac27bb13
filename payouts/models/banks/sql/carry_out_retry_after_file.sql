-- Voids the outstanding attempts of a payout and, if the proposal says so, approves the payout for a retry.
--
-- A payout that still waits for the answer to a file fails first; that takes the end of the file's validity, after which
-- the bank executes nothing of it.
CREATE OR REPLACE FUNCTION carry_out_retry_after_file(proposal proposals_proposal) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM payouts_outstanding_attempt o JOIN payouts_payout p ON p.id = o.payout_id
        WHERE p.id = proposal.subject_id AND p.status IN ('sent', 'in_doubt') AND o.valid_until >= proposal.decided_at
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'attempt_is_voided_after_its_validity',
            MESSAGE = 'The bank may still pay it.';
    END IF;
    INSERT INTO payouts_voidedattempt (instruction_id, proposal_id)
    SELECT o.instruction_id, proposal.id FROM payouts_outstanding_attempt o
    WHERE o.payout_id = proposal.subject_id ORDER BY o.instruction_id;
    UPDATE payouts_payout SET
        status = 'failed', sequence = sequence + 1, moved_at = proposal.decided_at,
        moved_by_id = proposal.decided_by_id, moved_as = 'system', moved_because = left(proposal.because, 200),
        moved_reply_id = NULL, leased_until = NULL
    WHERE id = proposal.subject_id AND status IN ('sent', 'in_doubt');
    UPDATE payouts_payout SET
        status = 'approved', sequence = sequence + 1, moved_at = proposal.decided_at,
        moved_by_id = proposal.decided_by_id, moved_as = 'finance', moved_because = left(proposal.because, 200),
        moved_reply_id = NULL, leased_until = NULL
    WHERE id = proposal.subject_id AND status IN ('failed', 'returned') AND proposal.after->>'status' = 'approved';
END;
$$;
