-- Makes an official's account, which nobody can enter before its person has chosen a password by the link in a mail; or
-- closes an account, opens it again, or changes whose it is.
CREATE OR REPLACE FUNCTION carry_out_staff_account(proposal proposals_proposal) RETURNS void AS $$
DECLARE
    told jsonb := proposal.after;
    person bigint := proposal.subject_id;
BEGIN
    IF person = 0 THEN
        INSERT INTO companies_user (
            username, last_name, first_name, email, district, department, password,
            is_staff, is_superuser, is_active, date_joined
        )
        VALUES (
            told ->> 'username', told ->> 'last_name', told ->> 'first_name', told ->> 'email', told ->> 'district',
            told ->> 'department', '!' || gen_random_uuid(), true, false, true, proposal.decided_at
        )
        RETURNING id INTO person;
        PERFORM staff_give_roles(person, told -> 'roles');
        RETURN;
    END IF;
    UPDATE companies_user
    SET last_name = coalesce(told ->> 'last_name', last_name),
        first_name = coalesce(told ->> 'first_name', first_name),
        email = coalesce(told ->> 'email', email),
        is_active = coalesce((told ->> 'is_active')::boolean, is_active)
    WHERE id = person;
    -- No link for a password goes to an address that is not the person's any more.
    DELETE FROM account_emailaddress a USING companies_user u
    WHERE u.id = person AND a.user_id = u.id AND lower(a.email) <> lower(u.email);
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
