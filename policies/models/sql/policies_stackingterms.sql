-- What the rule of a stacking group comes to, the one text that says so: the seats that the database writes, the claim
-- and the portal, and what is superseded all follow it.
CREATE OR REPLACE VIEW policies_stackingterms AS
SELECT
    g.id AS group_id,
    -- A higher award goes before a lower one.
    g.rule = 'higher_only' AS ranks,
    -- A place that one policy has taken is closed to all others.
    g.rule IN ('higher_only', 'first_wins') AND NOT g.pays_difference AS is_exclusive,
    g.pays_difference,
    g.cap_cny
FROM policies_stackinggroup g;
