-- A draft is taken into use exactly as the proposal shows it; a layout in use is retired once no bank has it any more.
CREATE OR REPLACE FUNCTION payouts_check_layout_step(now_is text, terms jsonb, after jsonb, is_of_a_bank boolean)
RETURNS void AS $$
BEGIN
    IF now_is = 'draft' AND after = terms || '{"status": "in_use"}' THEN
        RETURN;
    END IF;
    IF now_is <> 'in_use' OR after IS DISTINCT FROM '{"status": "retired"}' THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'layout_is_taken_as_it_is',
            MESSAGE = 'A draft is taken into use as it is, and a layout in use is retired.';
    END IF;
    IF is_of_a_bank THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'layout_of_a_bank_stays',
            MESSAGE = 'A bank has this layout; give the bank another one first.';
    END IF;
END;
$$ LANGUAGE plpgsql;
