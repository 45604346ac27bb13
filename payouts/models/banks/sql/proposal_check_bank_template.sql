-- Refuses a step of a layout that its life does not have.
CREATE OR REPLACE FUNCTION proposal_check_bank_template(proposal proposals_proposal) RETURNS void AS $$
    SELECT payouts_check_layout_step(
        t.status,
        payouts_bank_template_terms(t.id),
        proposal.after,
        EXISTS (SELECT FROM payouts_bank b WHERE b.template_id = t.id)
    )
    FROM payouts_banktemplate t WHERE t.id = proposal.subject_id
$$ LANGUAGE sql SET search_path = public, pg_temp;
