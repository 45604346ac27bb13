-- A new payout takes its entitlement's seats in stacking groups, and is less than its entitlement only by what a seat's
-- limit leaves.
--
-- The limit is the cap of the group or, in a group that pays the difference, the highest award. All statements lock
-- seats in the same order, so that two claims wait for each other and do not deadlock. The entitlements of grouped
-- policies are passed to `policies_stackingplace` as an array of ids, because a join with the new rows would make
-- PostgreSQL compute the places of the whole city.
--
-- Aliases: n new payout, f fund, v version, d division, e entitlement, m member, h place, s seat, t terms, l live
-- total.
DECLARE
    is_broken boolean;
BEGIN
    -- planned by size
    SELECT EXISTS (
        SELECT FROM new_rows n
        JOIN payouts_fund f ON f.id = n.fund_id
        JOIN policies_policyversion v ON v.id = f.version_id AND v.pool = 'proportional'
        LEFT JOIN policies_pooldivision d ON d.version_id = v.id
        LEFT JOIN policies_entitlement e ON e.id = n.entitlement_id
        WHERE d.id IS NULL OR e.base_cny IS NULL
    )
    INTO is_broken;
    IF is_broken THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_waits_for_the_division',
            MESSAGE = 'A proportional pool is divided before anything is paid of it.';
    END IF;
    IF EXISTS (SELECT FROM new_rows n JOIN policies_stackingmember m ON m.policy_id = n.policy_id) THEN
        -- planned by size
        INSERT INTO policies_stackingseat (group_id, holder_key, period_key, is_exclusive, policies, total_cny)
        SELECT DISTINCT h.group_id, h.holder_key, h.period_key, false, '{}'::bigint[], 0
        FROM policies_stackingplace h
        WHERE h.entitlement_id = ANY(ARRAY(
            SELECT n.entitlement_id FROM new_rows n WHERE n.policy_id IN (SELECT policy_id FROM policies_stackingmember)
        ))
        ORDER BY 1, 2, 3
        ON CONFLICT DO NOTHING;
        -- planned by size
        PERFORM FROM (
            WITH wanted AS MATERIALIZED (
                SELECT DISTINCT h.group_id, h.holder_key, h.period_key
                FROM policies_stackingplace h
                WHERE h.entitlement_id = ANY(ARRAY(
                    SELECT n.entitlement_id FROM new_rows n
                    WHERE n.policy_id IN (SELECT policy_id FROM policies_stackingmember)
                ))
            )
            SELECT FROM policies_stackingseat s
            JOIN wanted h ON (s.group_id, s.holder_key, s.period_key) = (h.group_id, h.holder_key, h.period_key)
            ORDER BY s.group_id, s.holder_key, s.period_key
            FOR NO KEY UPDATE OF s
        ) AS locked;
        -- planned by size
        WITH places AS MATERIALIZED (
            SELECT h.entitlement_id, h.group_id, h.holder_key, h.period_key
            FROM policies_stackingplace h
            WHERE h.entitlement_id = ANY(ARRAY(
                SELECT n.entitlement_id FROM new_rows n
                WHERE n.policy_id IN (SELECT policy_id FROM policies_stackingmember)
            ))
        )
        INSERT INTO payouts_seating (payout_id, seat_id)
        SELECT n.id, s.id
        FROM new_rows n
        JOIN places h ON h.entitlement_id = n.entitlement_id
        JOIN policies_stackingseat s
            ON (s.group_id, s.holder_key, s.period_key) = (h.group_id, h.holder_key, h.period_key);
        -- planned by size
        UPDATE policies_stackingseat s SET
            is_exclusive = t.is_exclusive,
            limit_cny = CASE WHEN t.pays_difference THEN l.highest_cny ELSE t.cap_cny END,
            policies = l.policies,
            total_cny = l.total_cny
        FROM (
            SELECT seat_id, array_agg(policy_id ORDER BY policy_id) AS policies,
                sum(total_cny) AS total_cny, max(award_cny) AS highest_cny
            FROM (
                SELECT seat_id, policy_id, sum(amount_cny) AS total_cny, sum(award_cny) AS award_cny
                FROM payouts_seated
                WHERE seat_id IN (SELECT seat_id FROM payouts_seating WHERE payout_id IN (SELECT id FROM new_rows))
                GROUP BY seat_id, policy_id
            ) by_policy
            GROUP BY seat_id
        ) l, policies_stackingterms t
        WHERE s.id = l.seat_id AND t.group_id = s.group_id;
    END IF;
    -- planned by size
    SELECT EXISTS (
        SELECT FROM new_rows n
        JOIN policies_entitlement own ON own.id = n.entitlement_id
        WHERE n.amount_cny < own.amount_cny AND NOT EXISTS (
            SELECT FROM payouts_seating mine
            JOIN policies_stackingseat s ON s.id = mine.seat_id
            WHERE mine.payout_id = n.id AND (
                s.total_cny >= s.limit_cny
                OR s.limit_cny IS NOT NULL AND s.total_cny >= (
                    SELECT sum(award_cny) FROM payouts_seated WHERE seat_id = s.id AND policy_id = n.policy_id
                )
            )
        )
    )
    INTO is_broken;
    IF is_broken THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_copies_its_entitlement',
            MESSAGE = 'A payout is cut by what its stacking group leaves, and no more.';
    END IF;
    RETURN NULL;
END;
