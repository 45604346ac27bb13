-- The column of a shape that has this name, or null.
CREATE OR REPLACE FUNCTION dataset_column_of(shape jsonb, name text) RETURNS jsonb LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp AS $$
    SELECT c FROM jsonb_array_elements(shape -> 'columns') AS c WHERE c ->> 'name' = name
$$;
