-- Nothing lands from a source that two people did not confirm, or that somebody paused.
BEGIN
    IF NOT EXISTS (
        SELECT FROM companies_datasource
        WHERE id = NEW.source_id AND confirmed_at IS NOT NULL AND paused_at IS NULL
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'source_pull_lands_from_a_source_that_runs',
            MESSAGE = 'The source is not confirmed, or it is paused.';
    END IF;
    RETURN NEW;
END;
