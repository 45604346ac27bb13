-- Install the triggers of a dataset: each row names a delivery, and a company or a person, that exists, and what an
-- update replaces is kept.
CREATE OR REPLACE FUNCTION dataset_guard(dataset text, owners text[]) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    rows_table text := 'dataset_' || dataset;
    arguments text := (SELECT string_agg(quote_literal(each), ', ') FROM unnest(owners) AS each);
BEGIN
    EXECUTE format(
        'CREATE TRIGGER row_names_known_when_inserted AFTER INSERT ON public.%1$I REFERENCING NEW TABLE AS new_rows '
        'FOR EACH STATEMENT EXECUTE FUNCTION dataset_row_names_known(%2$s);'
        'CREATE TRIGGER row_names_known_when_updated AFTER UPDATE ON public.%1$I REFERENCING NEW TABLE AS new_rows '
        'FOR EACH STATEMENT EXECUTE FUNCTION dataset_row_names_known(%2$s);'
        'CREATE TRIGGER row_keeps_its_history AFTER UPDATE ON public.%1$I '
        'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
        'FOR EACH STATEMENT EXECUTE FUNCTION dataset_row_keeps_its_history();'
        'CREATE TRIGGER row_is_never_deleted BEFORE DELETE OR TRUNCATE ON public.%1$I '
        'FOR EACH STATEMENT EXECUTE FUNCTION dataset_row_is_kept();'
        'CREATE TRIGGER row_is_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON public.%3$I '
        'FOR EACH STATEMENT EXECUTE FUNCTION dataset_row_is_kept();'
        'CREATE TRIGGER row_comes_from_an_update BEFORE INSERT ON public.%3$I '
        'FOR EACH STATEMENT EXECUTE FUNCTION dataset_history_is_written_by_trigger();'
        'ALTER TABLE public.%1$I ENABLE ALWAYS TRIGGER row_names_known_when_inserted, '
        'ENABLE ALWAYS TRIGGER row_names_known_when_updated, ENABLE ALWAYS TRIGGER row_keeps_its_history, '
        'ENABLE ALWAYS TRIGGER row_is_never_deleted;'
        'ALTER TABLE public.%3$I ENABLE ALWAYS TRIGGER row_is_written_once, '
        'ENABLE ALWAYS TRIGGER row_comes_from_an_update',
        rows_table, arguments, 'history_' || dataset
    );
END $$;
