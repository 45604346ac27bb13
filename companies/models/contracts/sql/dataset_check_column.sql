-- Put the check of a column's values in the place of the one that it has.
CREATE OR REPLACE FUNCTION dataset_check_column(dataset text, shape jsonb) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    rows_table text := 'dataset_' || dataset;
    promise text := left(dataset || '_' || (shape ->> 'name'), 57) || '_fits';
    condition text := dataset_column_check(shape);
BEGIN
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT IF EXISTS %I', rows_table, promise);
    IF condition IS NOT NULL THEN
        EXECUTE format('ALTER TABLE public.%I ADD CONSTRAINT %I CHECK (%s)', rows_table, promise, condition);
    END IF;
END $$;
