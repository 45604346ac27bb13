-- A bank is never deleted, and a change of its account or channel is not proposed while it is tied to them.
CREATE OR REPLACE FUNCTION proposal_check_bank_account(proposal proposals_proposal) RETURNS void AS $$
DECLARE
    has_other_channel boolean := proposal.before -> 'channel' <> proposal.after -> 'channel';
BEGIN
    IF proposal.after IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_is_kept',
            MESSAGE = 'A bank is never deleted, because batches name it.';
    END IF;
    IF proposal.subject_id <> 0
        AND (
            has_other_channel
            OR proposal.before -> 'payer_name' <> proposal.after -> 'payer_name'
            OR proposal.before -> 'payer_account' <> proposal.after -> 'payer_account'
            OR proposal.before -> 'payer_bank_number' <> proposal.after -> 'payer_bank_number'
        )
        AND payouts_bank_is_tied(proposal.subject_id, has_other_channel IS TRUE) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_keeps_its_channel',
            MESSAGE = 'A bank with a payment on its way keeps its channel and account.';
    END IF;
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
