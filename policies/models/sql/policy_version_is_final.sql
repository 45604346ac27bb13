-- A version changes its status by a move of `policies.states.MOVES`. A move writes only the columns that belong to it,
-- and once a version was submitted no move changes its content.
DECLARE
    stamped text[];
BEGIN
    IF TG_OP = 'INSERT' AND NEW.status <> 'draft' THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_version_starts_as_draft',
            MESSAGE = 'A policy version starts as a draft.';
    ELSIF TG_OP = 'DELETE' AND OLD.status <> 'draft' THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_version_is_final',
            MESSAGE = 'A policy version is deleted only while it is a draft.';
    ELSIF TG_OP = 'UPDATE' AND OLD.status <> NEW.status THEN
        -- The columns that the move may change; null if the table of moves does not list the move.
        stamped := CASE
            {{stamped}}
        END;
        IF stamped IS NULL OR NEW.sequence <> OLD.sequence + 1 OR NEW.moved_at IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_version_moves_by_the_table',
                MESSAGE = 'A version changes its status by a move of the table.';
        ELSIF NEW.moved_by_id IS NULL AND (OLD.status, NEW.status) NOT IN ({{automatic}}) THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_version_is_moved_by_somebody',
                MESSAGE = 'Somebody answers for every move of a version.';
        ELSIF to_jsonb(OLD) - stamped <> to_jsonb(NEW) - stamped THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_version_is_final',
                MESSAGE = 'A move changes nothing of what a version says.';
        ELSIF OLD.status = 'submitted' AND NEW.status <> 'draft' AND NEW.published_by_id = ANY (OLD.writer_ids) THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_version_takes_two_officers',
                MESSAGE = 'Nobody publishes what they wrote.';
        ELSIF OLD.status = 'submitted' AND NEW.status <> 'draft' AND NEW.published_by_id <> NEW.moved_by_id THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation',
                CONSTRAINT = 'policy_version_is_signed_by_who_publishes',
                MESSAGE = 'Nobody signs for somebody else.';
        ELSIF (OLD.status, NEW.status) = ('suspended', 'published') THEN
            -- It goes on with the proposal that lifts its suspension, and only when nothing else stops it.
            IF EXISTS (SELECT FROM policies_suspension WHERE version_id = NEW.id AND lifted_at IS NULL)
                OR NOT EXISTS (
                    SELECT FROM policies_suspension
                    WHERE version_id = NEW.id AND proposal_permits('suspension', id)
                ) THEN
                RAISE EXCEPTION USING ERRCODE = 'check_violation',
                    CONSTRAINT = 'policy_version_goes_on_when_lifted',
                    MESSAGE = 'Two people lift the suspension first.';
            END IF;
        END IF;
    ELSIF TG_OP = 'UPDATE' AND OLD.status <> 'draft' AND OLD IS DISTINCT FROM NEW THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_version_is_final',
            MESSAGE = 'A policy version never changes after it was submitted.';
    ELSIF TG_OP = 'UPDATE' AND (
        NOT OLD.writer_ids <@ NEW.writer_ids
        OR OLD.drafted_by_id IS NOT NULL AND OLD.drafted_by_id IS DISTINCT FROM NEW.drafted_by_id
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_version_keeps_its_writers',
            MESSAGE = 'Whoever wrote in a draft has written in it.';
    ELSIF TG_OP = 'UPDATE' AND OLD.sequence <> NEW.sequence THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_version_moves_by_the_table',
            MESSAGE = 'The steps of a version are counted by its moves.';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END;
