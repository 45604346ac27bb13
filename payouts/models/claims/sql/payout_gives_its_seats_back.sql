-- A cancelled payout no longer counts at its seats in stacking groups.
--
-- The trigger locks the seats in the order in which every other statement locks them, so that no two of them deadlock.
DECLARE
    given bigint[];
BEGIN
    IF NOT EXISTS (SELECT FROM new_rows WHERE status = 'cancelled') THEN
        RETURN NULL;
    END IF;
    -- planned anew
    SELECT array_agg(id) FROM (
        SELECT s.id FROM policies_stackingseat s
        WHERE s.id IN (
            SELECT seat_id FROM payouts_seating
            WHERE payout_id IN (SELECT id FROM new_rows WHERE status = 'cancelled')
        )
        ORDER BY s.group_id, s.holder_key, s.period_key
        FOR NO KEY UPDATE
    ) seats
    INTO given;
    -- planned anew with given
    UPDATE policies_stackingseat s
    SET policies = coalesce(l.policies, '{}'), total_cny = coalesce(l.total_cny, 0)
    FROM unnest(given) AS back (seat_id)
    LEFT JOIN (
        SELECT seat_id, array_agg(DISTINCT policy_id) AS policies, sum(amount_cny) AS total_cny
        FROM payouts_seated WHERE seat_id = ANY(given) GROUP BY seat_id
    ) l ON l.seat_id = back.seat_id
    WHERE s.id = back.seat_id;
    RETURN NULL;
END;
