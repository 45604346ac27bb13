-- A ban is imposed once, for fraud that stands, begins when it is proposed or later, and follows a hearing.
--
-- How long it lasts at most is a check of the blacklist itself; here it is refused before anybody is told of it.
CREATE OR REPLACE FUNCTION proposal_check_ban(proposal proposals_proposal) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    begins_on date := (proposal.after ->> 'begins_on')::date;
    ends_on date := (proposal.after ->> 'ends_on')::date;
BEGIN
    IF proposal.before ->> 'begins_on' IS NOT NULL OR NOT payouts_fraud_stands(proposal.subject_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'ban_is_for_fraud_that_stands',
            MESSAGE = 'A firm is banned once for a demand, which was found to be for fraud.';
    END IF;
    IF (
        proposal.after = jsonb_build_object('begins_on', begins_on, 'ends_on', ends_on)
        AND begins_on >= (proposal.proposed_at AT TIME ZONE 'Asia/Shanghai')::date
        AND ends_on > begins_on AND ends_on <= begins_on + interval '3 years'
    ) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'ban_is_of_days_to_come',
            MESSAGE = 'A ban begins when it is proposed or later, and lasts three years at most.';
    END IF;
    PERFORM payouts_refuse_unheard(proposal);
END;
$$;
