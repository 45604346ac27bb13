-- A column of a contract's shape, as CREATE TABLE and ADD COLUMN define it.
CREATE OR REPLACE FUNCTION dataset_column(shape jsonb) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp AS $$
    SELECT format('%I %s', shape ->> 'name', dataset_column_type(shape))
        || CASE shape #>> '{derived,part}'
            WHEN 'year' THEN
                format(' GENERATED ALWAYS AS (substr(%I, 1, 4)::smallint) STORED', shape #>> '{derived,source}')
            WHEN 'month_of_year' THEN
                format(' GENERATED ALWAYS AS (substr(%I, 6, 2)::smallint) STORED', shape #>> '{derived,source}')
            ELSE CASE WHEN (shape ->> 'is_required')::boolean THEN ' NOT NULL' ELSE '' END
        END
$$;
