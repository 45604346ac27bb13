-- What is the same for all changes of officials' accounts.
CREATE OR REPLACE FUNCTION proposal_check_staff_account(proposal proposals_proposal) RETURNS void AS $$
    SELECT staff_check_people(proposal)
$$ LANGUAGE sql SET search_path = public, pg_temp;
