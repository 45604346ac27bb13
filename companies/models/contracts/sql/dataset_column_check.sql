-- The condition that each value of a column keeps, or nothing; a null keeps every condition.
CREATE OR REPLACE FUNCTION dataset_column_check(shape jsonb) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp AS $$
    SELECT string_agg(condition, ' AND ')
    FROM (
        SELECT format('%I ~ %L', shape ->> 'name', CASE shape ->> 'type'
            WHEN 'month' THEN '^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$'
            WHEN 'quarter' THEN '^(19|20|21)[0-9]{2}Q[1-4]$'
            WHEN 'credit code' THEN '^[0-9A-HJ-NP-RTUW-Y]{18}$'
        END) AS condition
        WHERE shape ->> 'type' IN ('month', 'quarter', 'credit code')
        UNION ALL
        -- PostgreSQL has a number that is none and more than all others.
        SELECT format('%I <> %L', shape ->> 'name', 'NaN') WHERE shape ->> 'type' IN ('number', 'yuan')
        UNION ALL
        SELECT format('%I >= %s', shape ->> 'name', (shape ->> 'minimum')::numeric) WHERE shape ? 'minimum'
        UNION ALL
        SELECT format('%I <= %s', shape ->> 'name', (shape ->> 'maximum')::numeric) WHERE shape ? 'maximum'
    ) AS conditions
$$;
