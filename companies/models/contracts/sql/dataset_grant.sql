-- Let those who may read deliveries read the table of a dataset, too.
CREATE OR REPLACE FUNCTION dataset_grant(dataset_table text) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    reader text;
BEGIN
    FOR reader IN
        SELECT g.grantee::regrole::text
        FROM pg_class AS t CROSS JOIN aclexplode(t.relacl) AS g
        WHERE t.oid = 'public.companies_delivery'::regclass AND g.privilege_type = 'SELECT' AND g.grantee <> t.relowner
    LOOP
        EXECUTE format('GRANT SELECT ON public.%I TO %s', dataset_table, reader);
    END LOOP;
END $$;
