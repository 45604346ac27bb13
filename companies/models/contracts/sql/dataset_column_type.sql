-- The type in PostgreSQL of a column of a contract's shape.
CREATE OR REPLACE FUNCTION dataset_column_type(shape jsonb) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp AS $$
    SELECT CASE shape ->> 'type'
        WHEN 'text' THEN format('varchar(%s)', (shape ->> 'length')::integer)
        WHEN 'whole number' THEN 'integer'
        WHEN 'number' THEN format('numeric(%s, %s)', (shape ->> 'digits')::integer, (shape ->> 'places')::integer)
        WHEN 'yuan' THEN 'numeric(14, 2)'
        WHEN 'yes or no' THEN 'boolean'
        WHEN 'day' THEN 'date'
        WHEN 'month' THEN 'varchar(7)'
        WHEN 'quarter' THEN 'varchar(6)'
        WHEN 'year' THEN 'smallint'
        WHEN 'code' THEN 'varchar(40)'
        WHEN 'credit code' THEN 'varchar(18)'
    END
$$;
