-- A bank is never deleted, a change of its account or channel is not proposed while it is tied to them, and its layouts
-- are in use; the locks keep them from being retired meanwhile.
CREATE OR REPLACE FUNCTION proposal_check_bank_account(proposal proposals_proposal) RETURNS void AS $$
DECLARE
    has_other_channel boolean := proposal.before -> 'channel' <> proposal.after -> 'channel';
BEGIN
    IF proposal.after IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_is_kept',
            MESSAGE = 'A bank is never deleted, because batches name it.';
    END IF;
    PERFORM FROM payouts_banktemplate t WHERE t.id = (proposal.after ->> 'template_id')::bigint FOR SHARE;
    PERFORM FROM payouts_replytemplate t WHERE t.id = (proposal.after ->> 'reply_template_id')::bigint FOR SHARE;
    IF EXISTS (
        SELECT FROM payouts_banktemplate t
        WHERE t.id = (proposal.after ->> 'template_id')::bigint AND t.status <> 'in_use'
        UNION ALL
        SELECT FROM payouts_replytemplate t
        WHERE t.id = (proposal.after ->> 'reply_template_id')::bigint AND t.status <> 'in_use'
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_has_layouts_in_use',
            MESSAGE = 'A bank gets its files, and answers, in layouts that are in use.';
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
