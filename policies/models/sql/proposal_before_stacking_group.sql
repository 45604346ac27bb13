-- The present terms of a stacking group, which stays locked until the transaction ends.
CREATE OR REPLACE FUNCTION proposal_before_stacking_group(subject bigint) RETURNS jsonb AS $$
BEGIN
    PERFORM FROM policies_stackinggroup WHERE id = subject FOR NO KEY UPDATE;
    RETURN (SELECT terms FROM policies_groupterms WHERE group_id = subject);
END;
$$ LANGUAGE plpgsql;
