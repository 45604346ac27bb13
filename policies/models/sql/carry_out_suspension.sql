-- Lifts the suspension in the name of whoever confirmed it, and lets its version go on; a version that was closed
-- meanwhile stays closed.
CREATE OR REPLACE FUNCTION carry_out_suspension(proposal proposals_proposal) RETURNS void LANGUAGE sql AS $$
    UPDATE policies_suspension
    SET (lifted_at, lifted_by_id, lifted_because) = (proposal.decided_at, proposal.decided_by_id, proposal.because)
    WHERE id = proposal.subject_id AND proposal.after->>'state' = 'lifted';
    UPDATE policies_policyversion v
    SET (status, sequence, moved_at, moved_by_id, moved_because)
        = ('published', v.sequence + 1, proposal.decided_at, proposal.decided_by_id, proposal.because)
    FROM policies_suspension s
    WHERE s.id = proposal.subject_id AND s.lifted_at IS NOT NULL AND v.id = s.version_id AND v.status = 'suspended';
$$;
