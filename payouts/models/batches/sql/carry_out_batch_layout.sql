-- Gives a batch that is with the bank another layout: from now on its file is taken in this one, and no more in the first.
CREATE OR REPLACE FUNCTION carry_out_batch_layout(proposal proposals_proposal) RETURNS void LANGUAGE sql AS $$
    UPDATE payouts_batch
    SET layout_kind = proposal.after->>'kind', layout_template_id = (proposal.after->>'template')::bigint
    WHERE id = proposal.subject_id
$$;
