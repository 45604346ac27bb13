-- The schema `kept` holds a copy of each row that stands before the first test, and the function that puts them back.
DROP SCHEMA IF EXISTS kept CASCADE;
CREATE SCHEMA kept;

DO $$
DECLARE
    stands name;
    has_rows boolean;
BEGIN
    FOR stands IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', stands) INTO has_rows;
        IF has_rows THEN
            EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', stands);
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION kept.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    every_table text;
    one record;
    is_changed boolean;
BEGIN
    -- Guards and foreign keys are laid aside: rows go and come back table by table.
    SET LOCAL session_replication_role = replica;
    SELECT string_agg(format('public.%I', tablename), ', ') INTO every_table FROM pg_tables WHERE schemaname = 'public';
    -- Whoever still writes is waited for; what he commits afterwards would stay for the next test.
    EXECUTE 'LOCK TABLE ' || every_table || ' IN SHARE ROW EXCLUSIVE MODE';
    FOR one IN
        SELECT p.tablename AS name, k.tablename IS NOT NULL AS is_kept,
            (
                SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
                FROM information_schema.columns
                WHERE table_schema = 'public' AND table_name = p.tablename AND is_generated = 'NEVER'
            ) AS columns
        FROM pg_tables p LEFT JOIN pg_tables k ON k.schemaname = 'kept' AND k.tablename = p.tablename
        WHERE p.schemaname = 'public'
    LOOP
        IF NOT one.is_kept THEN
            EXECUTE format('DELETE FROM public.%I', one.name);
            CONTINUE;
        END IF;
        EXECUTE format(
            'SELECT EXISTS (SELECT t::text FROM public.%1$I t EXCEPT ALL SELECT k::text FROM kept.%1$I k)'
            ' OR EXISTS (SELECT k::text FROM kept.%1$I k EXCEPT ALL SELECT t::text FROM public.%1$I t)', one.name
        ) INTO is_changed;
        IF is_changed THEN
            EXECUTE format('DELETE FROM public.%I', one.name);
            EXECUTE format(
                'INSERT INTO public.%1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM kept.%1$I', one.name, one.columns
            );
        END IF;
    END LOOP;
END $$;
