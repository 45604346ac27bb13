-- Lets a person hold the roles of these names and no others; who keeps a role keeps its row.
CREATE OR REPLACE FUNCTION staff_give_roles(person bigint, roles jsonb) RETURNS void AS $$
BEGIN
    -- What goes goes first: the guard of exclusions looks at what the person still holds.
    DELETE FROM companies_user_groups held USING auth_group g
    WHERE g.id = held.group_id AND held.user_id = person AND NOT roles ? g.name;
    INSERT INTO companies_user_groups (user_id, group_id)
    SELECT person, g.id FROM auth_group g WHERE roles ? g.name
    ON CONFLICT DO NOTHING;
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
