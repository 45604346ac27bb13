-- The contract in force of a dataset, locked until the transaction ends; nothing for one that another has replaced.
CREATE OR REPLACE FUNCTION proposal_before_dataset_contract(subject bigint) RETURNS jsonb AS $$
BEGIN
    PERFORM FROM companies_datasetcontract WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'version', c.version, 'state', CASE WHEN c.retired_at IS NULL THEN 'in force' ELSE 'retired' END,
            'text', c.text, 'sha256', c.sha256, 'shape', c.shape
        )
        FROM companies_datasetcontract AS c
        WHERE c.id = subject AND NOT EXISTS (
            SELECT FROM companies_datasetcontract AS later WHERE later.name = c.name AND later.id > c.id
        )
    );
END;
$$ LANGUAGE plpgsql;
