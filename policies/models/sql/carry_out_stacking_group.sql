-- Changes the stacking group as the proposal says.
--
-- A proposal whose `after` is null deletes the group, unless a payout was ever claimed under it.
CREATE OR REPLACE FUNCTION carry_out_stacking_group(proposal proposals_proposal) RETURNS void AS $$
BEGIN
    IF proposal.after IS NULL THEN
        PERFORM FROM policies_stackinggroup WHERE id = proposal.subject_id FOR UPDATE;
        IF EXISTS (SELECT FROM policies_stackingseat WHERE group_id = proposal.subject_id) THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'stacking_group_claimed_under_stays',
                MESSAGE = 'A group that something was claimed under stays.';
        END IF;
    END IF;
    DELETE FROM policies_stackingmember
    WHERE group_id = proposal.subject_id AND (proposal.after->'policies' @> to_jsonb(policy_id)) IS NOT TRUE;
    IF proposal.after IS NULL THEN
        DELETE FROM policies_stackinggroup WHERE id = proposal.subject_id;
        RETURN;
    END IF;
    UPDATE policies_stackinggroup
    SET (rule, holder, span, pays_difference, cap_cny) = (
        SELECT a.rule, a.holder, a.span, a.pays_difference, a.cap_cny
        FROM jsonb_to_record(proposal.after)
            AS a (rule text, holder text, span text, pays_difference boolean, cap_cny numeric)
    )
    WHERE id = proposal.subject_id;
    INSERT INTO policies_stackingmember (group_id, policy_id)
    SELECT proposal.subject_id, p::bigint FROM jsonb_array_elements_text(proposal.after->'policies') AS p
    ON CONFLICT (group_id, policy_id) DO NOTHING;
END;
$$ LANGUAGE plpgsql;
