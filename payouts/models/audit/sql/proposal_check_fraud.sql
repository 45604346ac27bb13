-- Fraud is found once of a demand that no appeal has overturned, after the firm was heard.
CREATE OR REPLACE FUNCTION proposal_check_fraud(proposal proposals_proposal) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF proposal.after IS DISTINCT FROM '{"is_fraud": true}'
        OR (proposal.before ->> 'is_fraud')::boolean
        OR NOT EXISTS (
            SELECT FROM payouts_recovery r WHERE r.id = proposal.subject_id AND r.ended_as <> 'withdrawn'
        ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'fraud_is_found_once_of_a_demand_that_stands',
            MESSAGE = 'The demand was found to be for fraud already, or was withdrawn.';
    END IF;
    PERFORM payouts_refuse_unheard(proposal);
END;
$$;
