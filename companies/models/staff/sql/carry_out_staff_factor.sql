-- Takes an official's second factors away; at the next sign-in the person sets up another.
CREATE OR REPLACE FUNCTION carry_out_staff_factor(proposal proposals_proposal) RETURNS void AS $$
    DELETE FROM mfa_authenticator WHERE user_id = proposal.subject_id
$$ LANGUAGE sql SET search_path = public, pg_temp;
