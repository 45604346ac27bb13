-- The names of the roles that a person holds, in order.
CREATE OR REPLACE FUNCTION staff_roles_of(person bigint) RETURNS jsonb AS $$
    SELECT coalesce(jsonb_agg(g.name ORDER BY g.name COLLATE "C"), '[]')
    FROM companies_user_groups held JOIN auth_group g ON g.id = held.group_id
    WHERE held.user_id = person
$$ LANGUAGE sql STABLE SET search_path = public, pg_temp;
