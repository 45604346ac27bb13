-- What a contract takes away from those who rely on the earlier one, or means otherwise: one line for each.
CREATE OR REPLACE FUNCTION dataset_narrowings(earlier jsonb, later jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp AS $$
    WITH
    old AS (SELECT c ->> 'name' AS name, c AS shape FROM jsonb_array_elements(earlier -> 'columns') AS c),
    new AS (
        SELECT c ->> 'name' AS name, coalesce(c ->> 'formerly', c ->> 'name') AS was, c AS shape
        FROM jsonb_array_elements(later -> 'columns') AS c
    ),
    both_ways AS (SELECT old.name, new.name AS is_now, old.shape AS o, new.shape AS n FROM old JOIN new ON new.was = old.name),
    found AS (
        SELECT 'terms:' || term AS line FROM jsonb_object_keys(later -> 'terms') AS term
        WHERE earlier -> 'terms' -> term IS DISTINCT FROM later -> 'terms' -> term
        UNION ALL SELECT 'key' WHERE earlier -> 'key' IS DISTINCT FROM later -> 'key'
        UNION ALL SELECT 'dropped:' || name FROM old WHERE name NOT IN (SELECT was FROM new)
        UNION ALL SELECT 'renamed:' || name FROM both_ways WHERE name <> is_now
        UNION ALL SELECT 'required:' || is_now FROM both_ways WHERE (n ->> 'is_required')::boolean > (o ->> 'is_required')::boolean
        UNION ALL SELECT 'required:' || name FROM new WHERE was NOT IN (SELECT name FROM old) AND (shape ->> 'is_required')::boolean
        UNION ALL SELECT 'type:' || is_now FROM both_ways WHERE n ->> 'type' <> o ->> 'type' OR n -> 'derived' IS DISTINCT FROM o -> 'derived'
        UNION ALL SELECT 'size:' || is_now FROM both_ways
        WHERE (n ->> 'length')::integer < (o ->> 'length')::integer
            OR (n ->> 'places')::integer < (o ->> 'places')::integer
            OR (n ->> 'digits')::integer - (n ->> 'places')::integer < (o ->> 'digits')::integer - (o ->> 'places')::integer
        UNION ALL SELECT 'range:' || is_now FROM both_ways
        WHERE coalesce((n ->> 'minimum')::numeric > coalesce((o ->> 'minimum')::numeric, '-Infinity'), false)
            OR coalesce((n ->> 'maximum')::numeric < coalesce((o ->> 'maximum')::numeric, 'Infinity'), false)
        UNION ALL SELECT 'codes:' || is_now FROM both_ways WHERE NOT n -> 'codes' @> (o -> 'codes')
        UNION ALL SELECT 'unit:' || is_now FROM both_ways WHERE n ->> 'unit' <> o ->> 'unit'
    )
    SELECT coalesce(array_agg(line ORDER BY line), '{}') FROM found
$$;
