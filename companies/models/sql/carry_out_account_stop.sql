-- Lifts a stop of changed accounts.
CREATE OR REPLACE FUNCTION carry_out_account_stop(proposal proposals_proposal) RETURNS void AS $$
    UPDATE companies_accountstop SET lifted_at = proposal.decided_at, lifted_by_id = proposal.decided_by_id
    WHERE id = proposal.subject_id AND lifted_at IS NULL
$$ LANGUAGE sql;
