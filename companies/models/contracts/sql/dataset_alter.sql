-- Change the table of a dataset, and that of its earlier rows, from one shape to another.
--
-- A column that the contract lists no more stays with its values; nothing is written to it from now on.
CREATE OR REPLACE FUNCTION dataset_alter(dataset text, earlier jsonb, later jsonb) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    tables text[] := ARRAY['dataset_' || dataset, 'history_' || dataset];
    one jsonb;
BEGIN
    FOR one IN SELECT jsonb_array_elements(later -> 'columns') LOOP
        PERFORM dataset_alter_column(dataset, dataset_column_of(earlier, coalesce(one ->> 'formerly', one ->> 'name')), one);
    END LOOP;
    FOR one IN
        SELECT c FROM jsonb_array_elements(earlier -> 'columns') AS c
        WHERE NOT EXISTS (
            SELECT FROM jsonb_array_elements(later -> 'columns') AS kept
            WHERE coalesce(kept ->> 'formerly', kept ->> 'name') = c ->> 'name'
        )
    LOOP
        EXECUTE format('ALTER TABLE public.%I ALTER COLUMN %I DROP NOT NULL', tables[1], one ->> 'name');
    END LOOP;
    IF earlier -> 'key' IS DISTINCT FROM later -> 'key' THEN
        PERFORM dataset_set_key(dataset, later);
    END IF;
END $$;
