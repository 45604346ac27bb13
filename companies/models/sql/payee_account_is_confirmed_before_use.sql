-- An account is confirmed once; it may be used only after that, and it is stopped only before its first use.
DECLARE
    broken text;
BEGIN
    broken := CASE
        WHEN OLD.stopped_at IS NOT NULL THEN 'payee_account_that_was_stopped_stays_so'
        WHEN NEW.stopped_at IS NOT NULL AND (NEW.is_active OR OLD.usable_from <= NEW.stopped_at)
            THEN 'payee_account_is_stopped_before_its_use'
        WHEN OLD.usable_from IS NOT NULL
            AND (OLD.usable_from, OLD.confirmation, OLD.confirmed_at, OLD.confirmed_by_id)
            IS DISTINCT FROM (NEW.usable_from, NEW.confirmation, NEW.confirmed_at, NEW.confirmed_by_id)
            THEN 'payee_account_is_confirmed_once'
        WHEN OLD.usable_from IS NULL AND NEW.usable_from IS NOT NULL
            AND (NEW.confirmation = '' OR NEW.usable_from < NEW.confirmed_at) IS NOT FALSE
            THEN 'payee_account_is_confirmed_before_use'
        -- Only an acceptor of the firm confirms for it, and only whom the firm itself vouches for: not a foreign holder.
        WHEN OLD.usable_from IS NULL AND NEW.confirmation = 'second_factor' AND (
                NEW.doubt = 'holder' OR NOT EXISTS (
                    SELECT FROM companies_membership m
                    WHERE m.company_id = NEW.company_id AND m.user_id = NEW.confirmed_by_id AND m.role = 'acceptor'
                )
            )
            THEN 'payee_account_is_confirmed_before_use'
        WHEN OLD.usable_from IS NULL AND NEW.usable_from IS NOT NULL AND NEW.third_party_id IS NOT NULL
            AND NEW.checked_by_id IS DISTINCT FROM NEW.confirmed_by_id
            THEN 'payee_account_is_confirmed_before_use'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = broken,
            MESSAGE = 'An account waits, is confirmed, and is used after its cool-off: ' || broken;
    END IF;
    RETURN NEW;
END;
