-- When a proposal is confirmed, the database changes the stacking group as the proposal says, so that nobody can carry
-- out anything else.
--
-- A proposal whose `after` is null deletes the group, unless a payout was ever claimed under it.
BEGIN
    IF NEW.after IS NULL THEN
        PERFORM FROM policies_stackinggroup WHERE id = NEW.group_id FOR UPDATE;
        IF EXISTS (SELECT FROM policies_stackingseat WHERE group_id = NEW.group_id) THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'stacking_group_claimed_under_stays',
                MESSAGE = 'A group that something was claimed under stays.';
        END IF;
    END IF;
    DELETE FROM policies_stackingmember
    WHERE group_id = NEW.group_id AND (NEW.after->'policies' @> to_jsonb(policy_id)) IS NOT TRUE;
    IF NEW.after IS NULL THEN
        DELETE FROM policies_stackinggroup WHERE id = NEW.group_id;
        RETURN NULL;
    END IF;
    UPDATE policies_stackinggroup
    SET (rule, holder, span, pays_difference, cap_cny) = (
        SELECT a.rule, a.holder, a.span, a.pays_difference, a.cap_cny
        FROM jsonb_to_record(NEW.after)
            AS a (rule text, holder text, span text, pays_difference boolean, cap_cny numeric)
    )
    WHERE id = NEW.group_id;
    INSERT INTO policies_stackingmember (group_id, policy_id)
    SELECT NEW.group_id, p::bigint FROM jsonb_array_elements_text(NEW.after->'policies') AS p
    ON CONFLICT (group_id, policy_id) DO NOTHING;
    RETURN NULL;
END;
