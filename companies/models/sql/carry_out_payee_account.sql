-- Puts an account that waits in the place of the one in use; it is paid after the cool-off that the proposal names.
CREATE OR REPLACE FUNCTION carry_out_payee_account(proposal proposals_proposal) RETURNS void AS $$
BEGIN
    UPDATE companies_payeeaccount used SET is_active = false
    FROM companies_payeeaccount a
    WHERE a.id = proposal.subject_id AND used.is_active
        AND (used.company_id = a.company_id OR used.employee_id = a.employee_id);
    UPDATE companies_payeeaccount
    SET is_active = true, confirmation = 'officials',
        confirmed_at = proposal.decided_at, confirmed_by_id = proposal.decided_by_id,
        usable_from = proposal.decided_at + make_interval(secs => (proposal.after ->> 'cool_off_seconds')::float)
    WHERE id = proposal.subject_id;
END;
$$ LANGUAGE plpgsql;
