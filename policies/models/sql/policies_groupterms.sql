-- The terms of each stacking group as one JSON object, in the form in which a proposal keeps them
-- (`Proposal.before` and `after`).
CREATE OR REPLACE VIEW policies_groupterms AS
SELECT g.id AS group_id, jsonb_build_object(
    'rule', g.rule,
    'holder', g.holder,
    'span', g.span,
    'pays_difference', g.pays_difference,
    'cap_cny', g.cap_cny::text,
    'policies', (
        SELECT coalesce(jsonb_agg(m.policy_id ORDER BY m.policy_id), '[]')
        FROM policies_stackingmember m WHERE m.group_id = g.id
    )
) AS terms
FROM policies_stackinggroup g;
