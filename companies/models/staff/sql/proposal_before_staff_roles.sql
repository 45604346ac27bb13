-- The roles and the scope of an official; the account stays locked until the transaction ends.
CREATE OR REPLACE FUNCTION proposal_before_staff_roles(subject bigint) RETURNS jsonb AS $$
BEGIN
    PERFORM FROM companies_user WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'roles', staff_roles_of(u.id), 'district', u.district, 'department', u.department
        )
        FROM companies_user u WHERE u.id = subject AND u.is_staff
    );
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
