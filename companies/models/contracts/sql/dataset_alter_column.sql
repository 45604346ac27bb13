-- Add a column to the table of a dataset and that of its earlier rows, or give it another name, type or promise.
CREATE OR REPLACE FUNCTION dataset_alter_column(dataset text, earlier jsonb, later jsonb) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    rows_table text := 'dataset_' || dataset;
    history_table text := 'history_' || dataset;
    name text := later ->> 'name';
    target text;
BEGIN
    IF earlier IS NULL THEN
        EXECUTE format('ALTER TABLE public.%I ADD COLUMN %s', rows_table, dataset_column(later));
        EXECUTE format('ALTER TABLE public.%I ADD COLUMN %I %s', history_table, name, dataset_column_type(later));
    ELSE
        FOREACH target IN ARRAY ARRAY[rows_table, history_table] LOOP
            IF earlier ->> 'name' <> name THEN
                EXECUTE format('ALTER TABLE public.%I RENAME COLUMN %I TO %I', target, earlier ->> 'name', name);
            END IF;
            IF dataset_column_type(earlier) <> dataset_column_type(later) THEN
                EXECUTE format('ALTER TABLE public.%I ALTER COLUMN %I TYPE %s', target, name, dataset_column_type(later));
            END IF;
        END LOOP;
        IF later ->> 'is_required' <> earlier ->> 'is_required' THEN
            EXECUTE format('ALTER TABLE public.%I ALTER COLUMN %I %s NOT NULL', rows_table, name,
                CASE WHEN (later ->> 'is_required')::boolean THEN 'SET' ELSE 'DROP' END);
        END IF;
    END IF;
    PERFORM dataset_check_column(dataset, later);
END $$;
