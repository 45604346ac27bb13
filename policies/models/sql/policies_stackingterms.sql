-- What the rule of each stacking group means for a seat. This view alone says so: the seat triggers, the claim, the
-- portal and the superseding of lower awards read it.
CREATE OR REPLACE VIEW policies_stackingterms AS
SELECT
    g.id AS group_id,
    -- A higher award supersedes a lower one.
    g.rule = 'higher_only' AS ranks,
    -- Once one policy has paid at a seat, no other policy may.
    g.rule IN ('higher_only', 'first_wins') AND NOT g.pays_difference AS is_exclusive,
    g.pays_difference,
    g.cap_cny
FROM policies_stackinggroup g;
