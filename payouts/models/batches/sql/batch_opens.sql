-- A batch for the file channel opens empty; a batch for payouts that went over the bank's interface opens as exported.
BEGIN
    IF (NEW.channel = 'file') <> (NEW.status = 'open') OR (NEW.channel = 'http') <> (NEW.status = 'exported') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_opens',
            MESSAGE = 'A batch of files opens empty; what went over the interface is sealed at once.';
    END IF;
    RETURN NEW;
END;
