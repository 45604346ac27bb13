-- A circuit breaker becomes looser only by a confirmed proposal; it becomes stricter by whoever may change it.
--
-- Looser than what watches now: than the row before; of a new row, than the breaker for all policies, or where there is
-- none than the usual thresholds. A window of another length is neither: a shorter one sees fewer refusals, a longer one
-- dilutes their share. So it takes two, as deleting the row does, and watching another policy.
DECLARE
    watching policies_breaker := OLD;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT * INTO watching FROM policies_breaker WHERE policy_id IS NULL AND id <> NEW.id;
        IF NOT FOUND THEN
            watching := jsonb_populate_record(NULL::policies_breaker, '{{usual}}');
        END IF;
    END IF;
    IF (
        TG_OP = 'DELETE'
        OR TG_OP = 'UPDATE' AND NEW.policy_id IS DISTINCT FROM OLD.policy_id
        OR NEW.refused_count > watching.refused_count
        OR NEW.refused_percent > watching.refused_percent
        OR NEW.refused_minutes <> watching.refused_minutes
        OR NEW.payees_per_account > watching.payees_per_account
        OR NEW.stops_when_stale < watching.stops_when_stale
    ) AND (TG_OP = 'INSERT' OR NOT proposal_permits('breaker_terms', OLD.id)) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'breaker_is_loosened_by_two',
            MESSAGE = 'Loosening a circuit breaker takes two people: one proposes it, another confirms it.';
    END IF;
    RETURN NULL;
END;
