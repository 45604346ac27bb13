-- A row of a dataset names rows that exist; one query for each column checks all rows of a statement. The statement is
-- planned anew each time, because the plan for one row would be used for a million.
CREATE OR REPLACE FUNCTION dataset_row_names_known() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    named text;
    known text;
    missing bigint;
BEGIN
    FOREACH named IN ARRAY TG_ARGV || ARRAY['delivery_id'] LOOP
        known := 'companies_' || CASE named
            WHEN 'company_id' THEN 'company' WHEN 'employee_id' THEN 'employee' ELSE 'delivery' END;
        EXECUTE format(
            'SELECT named.id FROM (SELECT DISTINCT %I AS id FROM new_rows) AS named '
            'LEFT JOIN %I AS known ON known.id = named.id WHERE known.id IS NULL LIMIT 1', named, known
        ) INTO missing;
        IF missing IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'row_names_known_' || named,
                MESSAGE = 'No row of ' || known || ' has the id ' || missing || '.';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
