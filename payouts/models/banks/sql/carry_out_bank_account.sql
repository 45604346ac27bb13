-- Enters a bank, or gives one the terms that the proposal names; the others stay.
CREATE OR REPLACE FUNCTION carry_out_bank_account(proposal proposals_proposal) RETURNS void AS $$
DECLARE
    terms payouts_bank := jsonb_populate_record(
        NULL::payouts_bank, proposal_before_bank_account(proposal.subject_id) || proposal.after
    );
BEGIN
    IF proposal.subject_id = 0 THEN
        INSERT INTO payouts_bank (
            name, channel, payer_name, payer_account, payer_bank_number, template_id, reply_template_id, answer_days
        )
        VALUES (
            terms.name, terms.channel, terms.payer_name, terms.payer_account, terms.payer_bank_number,
            terms.template_id, terms.reply_template_id, terms.answer_days
        );
        RETURN;
    END IF;
    UPDATE payouts_bank
    SET name = terms.name,
        channel = terms.channel,
        payer_name = terms.payer_name,
        payer_account = terms.payer_account,
        payer_bank_number = terms.payer_bank_number,
        template_id = terms.template_id,
        reply_template_id = terms.reply_template_id,
        answer_days = terms.answer_days
    WHERE id = proposal.subject_id;
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
