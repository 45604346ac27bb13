-- A hand-over goes on from its last step as the table says, and begins with a released batch in the one layout of the batch.
--
-- The lock makes a change of the layout wait, and then find the hand-over. Of two processes that take the same step at the
-- same moment one violates the unique number, so a file is sent by the one process that stored it.
DECLARE
    last payouts_handoverstep;
    its_batch payouts_batch;
BEGIN
    SELECT * INTO its_batch FROM payouts_batch WHERE id = NEW.batch_id FOR SHARE;
    SELECT * INTO last FROM payouts_handoverstep WHERE batch_id = NEW.batch_id ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(last.number, 0) + 1 OR (coalesce(last.kind, ''), NEW.kind) NOT IN (
        {{steps}}
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'hand_over_goes_step_by_step',
            MESSAGE = 'A file that the bank took, or may have, is not handed over again.';
    END IF;
    IF NEW.kind = 'ordered' AND (its_batch.channel = 'file' AND its_batch.status = 'exported') IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'hand_over_after_release',
            MESSAGE = 'A file is handed over once its batch is released.';
    END IF;
    IF (NEW.layout_kind, NEW.layout_template_id) IS DISTINCT FROM (its_batch.layout_kind, its_batch.layout_template_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'hand_over_in_the_layout_of_its_batch',
            MESSAGE = 'A batch leaves in one layout.';
    END IF;
    RETURN NEW;
END;
