-- Whether the owner of the tables works, as at a set-up; the owner could switch any guard off.
CREATE OR REPLACE FUNCTION companies_owner_works() RETURNS boolean AS $$
    SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'public.companies_user'::regclass
$$ LANGUAGE sql STABLE SET search_path = public, pg_temp;
