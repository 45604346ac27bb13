-- When a blacklist entry is written or lifted, matching decides the firm again, if a version in force reads the
-- blacklist.
BEGIN
    INSERT INTO policies_receivedchange (company_id)
    SELECT NEW.company_id
    WHERE EXISTS (
        SELECT FROM policies_policyversion
        WHERE status IN ('published', 'suspended') AND 'blacklist' = ANY (datasets)
    );
    RETURN NULL;
END;
