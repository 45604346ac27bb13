BEGIN
    IF (NEW.channel = 'file') <> (NEW.status = 'open') OR (NEW.channel = 'http') <> (NEW.status = 'exported') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_opens',
            MESSAGE = 'A batch of files opens empty; what went over the interface is sealed at once.';
    END IF;
    RETURN NEW;
END;
