-- An account as it is; one that is still to be made is number 0, and has no values.
CREATE OR REPLACE FUNCTION proposal_before_staff_account(subject bigint) RETURNS jsonb AS $$
BEGIN
    IF subject = 0 THEN
        RETURN '{}';
    END IF;
    PERFORM FROM companies_user WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'username', u.username, 'last_name', u.last_name, 'first_name', u.first_name, 'email', u.email,
            'is_active', u.is_active, 'roles', staff_roles_of(u.id), 'district', u.district, 'department', u.department
        )
        FROM companies_user u WHERE u.id = subject
    );
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
