-- A ban is lifted once.
CREATE OR REPLACE FUNCTION proposal_check_lift_ban(proposal proposals_proposal) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF proposal.after IS DISTINCT FROM '{"is_lifted": true}' OR (proposal.before ->> 'is_lifted')::boolean THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'ban_is_lifted_once',
            MESSAGE = 'The firm may claim again already.';
    END IF;
END;
$$;
