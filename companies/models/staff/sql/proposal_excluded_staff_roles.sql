-- Nobody proposes or confirms what is about the own account.
CREATE OR REPLACE FUNCTION proposal_excluded_staff_roles(subject bigint) RETURNS bigint[] AS $$
    SELECT ARRAY[subject]
$$ LANGUAGE sql IMMUTABLE;
