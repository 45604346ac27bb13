-- A list starts as a draft under a version of the white-list track, and changes its status by a move of
-- `policies.states.LIST_MOVES`.
--
-- A move writes only the columns that belong to it. A list is published with all of its rows, under a version in force.
DECLARE
    stamped text[];
    counted bigint;
    total numeric;
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM FROM policies_policyversion WHERE id = NEW.version_id AND track = 'whitelist'
            AND status IN ('submitted', 'scheduled', 'published', 'suspended') FOR SHARE;
        IF NOT FOUND OR NEW.status <> 'draft' THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'white_list_starts_as_draft',
                MESSAGE = 'A list starts as a draft under a version that takes one.';
        END IF;
    ELSIF OLD.status = NEW.status AND OLD IS DISTINCT FROM NEW THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'white_list_is_final',
            MESSAGE = 'A list changes by its steps alone.';
    ELSIF OLD.status <> NEW.status THEN
        -- The columns that the move may change; null if the table of moves does not list the move.
        stamped := CASE
            {{stamped}}
        END;
        IF stamped IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'white_list_moves_by_the_table',
                MESSAGE = 'A list changes its status by a step of the table.';
        ELSIF to_jsonb(OLD) - stamped <> to_jsonb(NEW) - stamped THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'white_list_is_final',
                MESSAGE = 'A step changes nothing of what a list says.';
        ELSIF NEW.status = 'published' THEN
            PERFORM FROM policies_policyversion WHERE id = NEW.version_id
                AND status IN ('scheduled', 'published', 'suspended') FOR SHARE;
            IF NOT FOUND THEN
                RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'white_list_is_of_a_version_in_force',
                    MESSAGE = 'Its version is not in force.';
            END IF;
            SELECT count(*), coalesce(sum(amount_cny), 0) INTO counted, total
            FROM policies_whitelistentry WHERE white_list_id = NEW.id;
            IF counted <> NEW.row_count OR total <> NEW.total_cny THEN
                RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'white_list_is_whole',
                    MESSAGE = 'A list is published with all of its rows.';
            END IF;
        END IF;
    END IF;
    RETURN NEW;
END;
