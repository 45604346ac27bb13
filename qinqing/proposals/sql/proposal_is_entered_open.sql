-- A proposal enters undecided, is of a kind that the database can carry out, and is about a row that exists.
--
-- The kind's function locks the row and returns its present values, which the database itself writes into `before`. A
-- kind may also have a function that returns the persons who had a hand in the row, and one that refuses what is not
-- possible.
BEGIN
    IF to_regprocedure(format('proposal_before_%s(bigint)', NEW.kind)) IS NULL
        OR to_regprocedure(format('carry_out_%s(proposals_proposal)', NEW.kind)) IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_is_of_a_known_kind',
            MESSAGE = 'Nobody knows how to carry out a proposal of this kind.';
    END IF;
    EXECUTE format('SELECT %I($1)', 'proposal_before_' || NEW.kind) INTO NEW.before USING NEW.subject_id;
    NEW.excluded_ids := '{}';
    IF to_regprocedure(format('proposal_excluded_%s(bigint)', NEW.kind)) IS NOT NULL THEN
        EXECUTE format('SELECT %I($1)', 'proposal_excluded_' || NEW.kind) INTO NEW.excluded_ids USING NEW.subject_id;
    END IF;
    IF NEW.decision <> '' OR NEW.decided_in IS NOT NULL OR NEW.before IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_is_entered_open',
            MESSAGE = 'A proposal is about a row that exists, and is decided later.';
    END IF;
    IF to_regprocedure(format('proposal_check_%s(proposals_proposal)', NEW.kind)) IS NOT NULL THEN
        EXECUTE format('SELECT %I($1)', 'proposal_check_' || NEW.kind) USING NEW;
    END IF;
    RETURN NEW;
END;
