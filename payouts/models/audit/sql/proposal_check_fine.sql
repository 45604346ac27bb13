-- A fine is imposed once, on an open demand for fraud that stands, is 10 to 50 % of the demand, and follows a hearing.
CREATE OR REPLACE FUNCTION proposal_check_fine(proposal proposals_proposal) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    demand payouts_recovery%ROWTYPE;
BEGIN
    SELECT * INTO demand FROM payouts_recovery WHERE id = proposal.subject_id;
    IF demand.ended_as <> '' OR (proposal.before ->> 'percentage')::integer <> 0
        OR NOT payouts_fraud_stands(demand.id) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'fine_is_for_fraud_that_stands',
            MESSAGE = 'A fine is imposed once, on an open demand that was found to be for fraud.';
    END IF;
    IF (
        proposal.after = jsonb_build_object(
            'percentage', (proposal.after ->> 'percentage')::integer,
            'fine_cny', round(demand.amount_cny * (proposal.after ->> 'percentage')::integer / 100, 2)::text
        )
        AND (proposal.after ->> 'percentage')::integer BETWEEN 10 AND 50
    ) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'fine_is_10_to_50_percent',
            MESSAGE = 'A fine is 10 to 50 percent of the amount demanded.';
    END IF;
    PERFORM payouts_refuse_unheard(proposal);
END;
$$;
