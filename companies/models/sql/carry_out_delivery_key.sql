-- Registers the key of a department's machine, or revokes one.
CREATE OR REPLACE FUNCTION carry_out_delivery_key(proposal proposals_proposal) RETURNS void AS $$
DECLARE
    told jsonb := proposal.after;
BEGIN
    IF proposal.subject_id = 0 THEN
        INSERT INTO companies_deliverykey (department, machine, algorithm, public_key, valid_from, registered_by_id)
        VALUES (
            told ->> 'department', told ->> 'machine', told ->> 'algorithm', decode(told ->> 'public_key', 'hex'),
            proposal.decided_at, proposal.decided_by_id
        );
    ELSE
        UPDATE companies_deliverykey SET revoked_at = proposal.decided_at, revoked_by_id = proposal.decided_by_id
        WHERE id = proposal.subject_id AND revoked_at IS NULL;
    END IF;
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
