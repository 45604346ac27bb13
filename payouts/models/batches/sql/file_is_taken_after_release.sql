-- A file can be downloaded only after the release of its batch.
--
-- From then on its payouts count as sent, so no second payment of them can go out.
BEGIN
    IF NOT EXISTS (
        SELECT FROM payouts_batchfile f
        JOIN payouts_batch b ON b.id = f.batch_id
        WHERE f.id = NEW.file_id AND b.status IN ('exported', 'reconciled', 'closed')
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'file_is_taken_after_release',
            MESSAGE = 'A file is had once its batch is released.';
    END IF;
    RETURN NEW;
END;
