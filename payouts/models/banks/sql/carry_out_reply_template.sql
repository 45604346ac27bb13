-- Takes a layout into use, or retires it.
CREATE OR REPLACE FUNCTION carry_out_reply_template(proposal proposals_proposal) RETURNS void AS $$
    UPDATE payouts_replytemplate SET status = proposal.after ->> 'status' WHERE id = proposal.subject_id
$$ LANGUAGE sql SET search_path = public, pg_temp;
