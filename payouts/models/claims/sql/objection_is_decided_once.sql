-- An objection is confirmed once, taken up or set aside once, decided once, and otherwise kept as it was written. Wrong
-- codes are only counted up, and only until the right one came.
DECLARE
    may_change text[] := ARRAY[
        'confirmed_at', 'wrong_codes', 'triage', 'triage_because', 'triaged_at', 'triaged_by_id',
        'is_upheld', 'decision', 'decided_at', 'decided_by_id'
    ];
BEGIN
    IF to_jsonb(OLD) - may_change IS DISTINCT FROM to_jsonb(NEW) - may_change
        OR NEW.wrong_codes < OLD.wrong_codes
        OR OLD.confirmed_at IS NOT NULL
            AND (OLD.confirmed_at, OLD.wrong_codes) IS DISTINCT FROM (NEW.confirmed_at, NEW.wrong_codes)
        OR OLD.triage <> ''
            AND (OLD.triage, OLD.triage_because, OLD.triaged_at, OLD.triaged_by_id)
            IS DISTINCT FROM (NEW.triage, NEW.triage_because, NEW.triaged_at, NEW.triaged_by_id)
        OR OLD.is_upheld IS NOT NULL
    THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_is_decided_once',
            MESSAGE = 'An objection is decided once and otherwise kept.';
    END IF;
    RETURN NEW;
END;
