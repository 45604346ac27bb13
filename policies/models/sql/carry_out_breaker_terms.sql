-- Gives the circuit breaker the terms of the proposal; a proposal whose `after` is null deletes it.
CREATE OR REPLACE FUNCTION carry_out_breaker_terms(proposal proposals_proposal) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF proposal.after IS NULL THEN
        DELETE FROM policies_breaker WHERE id = proposal.subject_id;
        RETURN;
    END IF;
    UPDATE policies_breaker
    SET (refused_count, refused_percent, refused_minutes, payees_per_account, stops_when_stale) = (
        SELECT a.refused_count, a.refused_percent, a.refused_minutes, a.payees_per_account, a.stops_when_stale
        FROM jsonb_to_record(proposal.after) AS a (
            refused_count integer, refused_percent smallint, refused_minutes smallint, payees_per_account smallint,
            stops_when_stale boolean
        )
    )
    WHERE id = proposal.subject_id;
END;
$$;
