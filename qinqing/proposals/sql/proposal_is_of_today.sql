-- A proposal is confirmed only while what it changes still has the values that the proposer saw.
--
-- `before` may hold more than `after` changes, such as a balance; such values may have changed meanwhile.
DECLARE
    now_there jsonb;
BEGIN
    EXECUTE format('SELECT %I($1)', 'proposal_before_' || NEW.kind) INTO now_there USING NEW.subject_id;
    IF now_there IS NULL
        OR NEW.after IS NULL AND now_there IS DISTINCT FROM OLD.before
        OR EXISTS (
            SELECT FROM jsonb_object_keys(NEW.after) AS changed
            WHERE now_there -> changed IS DISTINCT FROM OLD.before -> changed
        ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_is_of_today',
            MESSAGE = 'What it changes was changed since this was proposed.';
    END IF;
    NEW.decided_in := pg_current_xact_id()::text::bigint;
    IF to_regprocedure(format('proposal_check_%s(proposals_proposal)', NEW.kind)) IS NOT NULL THEN
        EXECUTE format('SELECT %I($1)', 'proposal_check_' || NEW.kind) USING NEW;
    END IF;
    RETURN NEW;
END;
