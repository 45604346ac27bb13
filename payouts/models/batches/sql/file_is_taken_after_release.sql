-- A file can be downloaded only after the release of its batch, and only in the one layout of the batch.
--
-- From the release on its payouts count as sent, so no second payment of them can go out. A file in a second layout could
-- be executed beside the first. What went over the interface is written down in any layout, and taken to no bank.
DECLARE
    its_batch payouts_batch;
    is_of_its_layout boolean;
BEGIN
    SELECT b.* INTO its_batch FROM payouts_batchfile f JOIN payouts_batch b ON b.id = f.batch_id WHERE f.id = NEW.file_id;
    IF (its_batch.status IN ('exported', 'reconciled', 'closed')) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'file_is_taken_after_release',
            MESSAGE = 'A file is had once its batch is released.';
    END IF;
    SELECT (f.kind, f.template_id) IS NOT DISTINCT FROM (its_batch.layout_kind, its_batch.layout_template_id)
    INTO is_of_its_layout FROM payouts_batchfile f WHERE f.id = NEW.file_id;
    IF its_batch.channel = 'file' AND NOT is_of_its_layout THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'file_is_taken_in_the_layout_of_its_batch',
            MESSAGE = 'A batch leaves in one layout.';
    END IF;
    RETURN NEW;
END;
