-- Gives an official the roles and the scope that the proposal names.
CREATE OR REPLACE FUNCTION carry_out_staff_roles(proposal proposals_proposal) RETURNS void AS $$
BEGIN
    UPDATE companies_user
    SET district = coalesce(proposal.after ->> 'district', district),
        department = coalesce(proposal.after ->> 'department', department)
    WHERE id = proposal.subject_id;
    IF proposal.after ? 'roles' THEN
        PERFORM staff_give_roles(proposal.subject_id, proposal.after -> 'roles');
    END IF;
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
