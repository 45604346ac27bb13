-- Promise one row for each key of a shape, in the place of what was promised before.
CREATE OR REPLACE FUNCTION dataset_set_key(dataset text, shape jsonb) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    rows_table text := 'dataset_' || dataset;
    promise text := dataset || '_once_per_key';
BEGIN
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT IF EXISTS %I', rows_table, promise);
    EXECUTE format('ALTER TABLE public.%I ADD CONSTRAINT %I UNIQUE (%s)', rows_table, promise, (
        SELECT string_agg(quote_ident(each), ', ' ORDER BY place)
        FROM jsonb_array_elements_text(shape -> 'key') WITH ORDINALITY AS k (each, place)
    ));
END $$;
