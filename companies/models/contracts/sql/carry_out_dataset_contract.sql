-- Retires a dataset, or declares the next version of its contract.
CREATE OR REPLACE FUNCTION carry_out_dataset_contract(proposal proposals_proposal) RETURNS void AS $$
BEGIN
    IF proposal.after ->> 'state' = 'retired' THEN
        UPDATE companies_datasetcontract SET retired_at = proposal.decided_at, retired_by_id = proposal.decided_by_id
        WHERE id = proposal.subject_id;
    ELSE
        INSERT INTO companies_datasetcontract (name, version, text, sha256, shape, declared_by_id, declared_at)
        SELECT name, proposal.after ->> 'version', proposal.after ->> 'text', proposal.after ->> 'sha256',
            proposal.after -> 'shape', proposal.proposed_by_id, proposal.decided_at
        FROM companies_datasetcontract WHERE id = proposal.subject_id;
    END IF;
END;
$$ LANGUAGE plpgsql;
