-- Whether a change of a row is made by carrying out a proposal: this transaction confirmed one of this kind about this
-- row, and a trigger is writing (at depth 1, the guard that asks is called by somebody's own statement). A session's
-- temporary table of the same name is not read.
CREATE OR REPLACE FUNCTION proposal_permits(proposal_kind text, subject bigint) RETURNS boolean AS $$
    SELECT pg_trigger_depth() > 1 AND EXISTS (
        SELECT FROM proposals_proposal
        WHERE kind = proposal_kind AND subject_id = subject
            AND decision = 'confirmed' AND decided_in = pg_current_xact_id()::text::bigint
    )
$$ LANGUAGE sql STABLE SET search_path = public, pg_temp;
