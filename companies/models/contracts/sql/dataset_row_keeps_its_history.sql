-- What a later delivery replaces stays readable: the earlier row, and the delivery until which it was the newest.
CREATE OR REPLACE FUNCTION dataset_row_keeps_its_history() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    history_table text := 'history_' || substr(TG_TABLE_NAME, length('dataset_') + 1);
    kept text;
BEGIN
    SELECT string_agg(quote_ident(attname), ', ') INTO kept FROM pg_attribute
    WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped;
    EXECUTE format(
        'INSERT INTO public.%I (%s, until_delivery_id) SELECT o.*, n.delivery_id '
        'FROM old_rows AS o JOIN new_rows AS n ON n.id = o.id', history_table, kept
    );
    RETURN NULL;
END $$;
