-- A stacking group keeps its rule while a payout counts at one of its seats.
--
-- Under a changed rule nobody could say which other payouts that payout excludes.
BEGIN
    IF EXISTS (SELECT FROM policies_stackingseat WHERE group_id = OLD.id AND policies <> '{}') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'stacking_group_is_held',
            MESSAGE = 'A group that something was claimed under keeps its rule.';
    END IF;
    RETURN NEW;
END;
