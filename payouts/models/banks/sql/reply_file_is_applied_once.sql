-- A reply file is read once and applied once; after that, nothing of it changes.
BEGIN
    IF OLD.status IN ('applied', 'refused', 'withdrawn')
        OR (NEW.id, NEW.bank_id, NEW.name, NEW.stored_id, NEW.sha256, NEW.uploaded_at, NEW.uploaded_by_id)
            IS DISTINCT FROM
            (OLD.id, OLD.bank_id, OLD.name, OLD.stored_id, OLD.sha256, OLD.uploaded_at, OLD.uploaded_by_id)
        OR (OLD.status, NEW.status) NOT IN (
            ('uploaded', 'uploaded'), ('uploaded', 'read'), ('uploaded', 'refused'), ('uploaded', 'withdrawn'),
            ('read', 'applied'), ('read', 'withdrawn')
        ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'reply_file_is_applied_once',
            MESSAGE = 'A reply file is read once and applied once.';
    END IF;
    RETURN NEW;
END;
