-- What an account that waits is, and the account in use beside it; the account stays locked until the transaction ends.
CREATE OR REPLACE FUNCTION proposal_before_payee_account(subject bigint) RETURNS jsonb AS $$
BEGIN
    PERFORM FROM companies_payeeaccount WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'registered', coalesce(c.name, e.name, t.name),
            'holder', a.holder_name,
            'bank', concat_ws(' ', a.bank_name, a.bank_number),
            'number', a.number_masked,
            'doubt', a.doubt,
            'state', CASE
                WHEN a.stopped_at IS NOT NULL THEN 'stopped'
                WHEN a.usable_from IS NULL THEN 'waiting'
                ELSE 'confirmed'
            END,
            'in_use', (
                SELECT concat_ws(' ', u.bank_name, u.number_masked) FROM companies_payeeaccount u
                WHERE u.is_active AND (u.company_id, u.employee_id, u.third_party_id)
                    IS NOT DISTINCT FROM (a.company_id, a.employee_id, a.third_party_id)
            )
        )
        FROM companies_payeeaccount a
        LEFT JOIN companies_company c ON c.id = a.company_id
        LEFT JOIN companies_employee e ON e.id = a.employee_id
        LEFT JOIN companies_thirdparty t ON t.id = a.third_party_id
        WHERE a.id = subject
    );
END;
$$ LANGUAGE plpgsql;
