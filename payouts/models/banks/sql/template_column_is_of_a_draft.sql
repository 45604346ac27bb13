-- The columns of a layout change while it is a draft; the lock keeps somebody from taking it into use meanwhile.
DECLARE
    layout_status text;
BEGIN
    FOR layout_status IN
        SELECT status FROM payouts_banktemplate WHERE id IN (OLD.template_id, NEW.template_id) FOR SHARE
    LOOP
        IF layout_status <> 'draft' THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'template_column_is_of_a_draft',
                MESSAGE = 'A layout in use is never edited; copy it to a draft.';
        END IF;
    END LOOP;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END;
