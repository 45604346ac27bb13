-- How often each person decided about the work of each other person, by kind of work; the share of the first person's
-- work that this one decided, and the share of the second person's decisions that were about this one.
WITH decided (kind, first_id, second_id) AS (
    SELECT 'batch_checked', sealed_by_id, approved_by_id FROM payouts_batch
    UNION ALL SELECT 'batch_released', approved_by_id, released_by_id FROM payouts_batch
    UNION ALL SELECT kind, proposed_by_id, decided_by_id FROM proposals_proposal WHERE decision = 'confirmed'
    UNION ALL SELECT 'demand', c.checked_by_id, r.demanded_by_id
        FROM payouts_recovery r JOIN payouts_postcheck c ON c.id = r.check_found_id
    UNION ALL SELECT 'recovery', demanded_by_id, ended_by_id FROM payouts_recovery
    UNION ALL SELECT 'account', entered_by_id, checked_by_id FROM companies_payeeaccount
    UNION ALL SELECT 'version', submitted_by_id, published_by_id FROM policies_policyversion
    UNION ALL SELECT 'stop', suspended_by_id, lifted_by_id FROM policies_suspension
    UNION ALL SELECT 'white_list', checked_by_id, published_by_id FROM policies_whitelist
    UNION ALL SELECT 'objection', triaged_by_id, decided_by_id FROM payouts_objection
), pair AS (
    SELECT kind, first_id, second_id, count(*)::int AS count
    FROM decided
    WHERE first_id <> second_id
    GROUP BY kind, first_id, second_id
), share AS (
    SELECT pair.*,
        count::numeric / sum(count) OVER (PARTITION BY kind, first_id) AS of_first,
        count::numeric / sum(count) OVER (PARTITION BY kind, second_id) AS of_second
    FROM pair
)
SELECT share.kind, share.first_id, share.second_id, one.username AS first, other.username AS second,
    share.count, share.of_first, share.of_second
FROM share
JOIN companies_user one ON one.id = share.first_id
JOIN companies_user other ON other.id = share.second_id
ORDER BY least(share.of_first, share.of_second) * (share.count >= %(always_from)s)::int DESC, share.count DESC,
    share.kind, share.first_id, share.second_id
LIMIT %(limit)s
