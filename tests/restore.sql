-- A snapshot is a schema with a copy of each table of `public` that has rows; one brings all tables back as they stood.
DROP SCHEMA IF EXISTS snapshots CASCADE;
CREATE SCHEMA snapshots;

CREATE FUNCTION snapshots.take(snapshot name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    stands name;
    has_rows boolean;
BEGIN
    EXECUTE format('CREATE SCHEMA %I', snapshot);
    FOR stands IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', stands) INTO has_rows;
        IF has_rows THEN
            EXECUTE format('CREATE TABLE %1$I.%2$I AS TABLE public.%2$I', snapshot, stands);
        END IF;
    END LOOP;
END $$;

-- A guard fires always ('A'), or only where a session passes none (the letter O).
CREATE FUNCTION snapshots.let_guards_fire(new_state "char", old_state "char", only_of regclass[] DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
    WITH changed AS (
        UPDATE pg_trigger SET tgenabled = new_state
        -- The guards of models are named by pgtrigger, those of datasets begin with the word row.
        WHERE (tgname LIKE 'pgtrigger\_%' OR tgname LIKE 'row\_%') AND tgenabled = old_state
            AND (only_of IS NULL OR tgrelid = ANY (only_of))
        RETURNING tgrelid
    )
    -- PostgreSQL reads the triggers of these tables anew.
    UPDATE pg_class SET relhastriggers = relhastriggers WHERE oid IN (SELECT tgrelid FROM changed)
$$;

-- Bring back the tables of each dataset of which a contract was declared since: gone, or as the earlier ones built them.
CREATE FUNCTION snapshots.rebuild_datasets(snapshot name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    owner name := (SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'companies_delivery');
    changed text;
    shapes jsonb[];
    last_id bigint;
BEGIN
    FOR changed IN
        EXECUTE format(
            'SELECT DISTINCT name FROM public.companies_datasetcontract WHERE id NOT IN '
            '(SELECT id FROM %I.companies_datasetcontract)', snapshot
        )
    LOOP
        last_id := nextval(pg_get_serial_sequence('public.dataset_' || changed, 'id'));
        EXECUTE format('DROP TABLE public.%I, public.%I', 'dataset_' || changed, 'history_' || changed);
        EXECUTE format(
            'SELECT array_agg(shape ORDER BY id) FROM %I.companies_datasetcontract WHERE name = %L', snapshot, changed
        ) INTO shapes;
        CONTINUE WHEN shapes IS NULL;
        -- Who makes a table owns it.
        EXECUTE format('SET LOCAL ROLE %I', owner);
        PERFORM public.dataset_create(changed, shapes[1]);
        PERFORM setval(pg_get_serial_sequence('public.dataset_' || changed, 'id'), last_id);
        FOR version IN 2 .. cardinality(shapes) LOOP
            PERFORM public.dataset_alter(changed, shapes[version - 1], shapes[version]);
        END LOOP;
        SET LOCAL ROLE NONE;
    END LOOP;
END $$;

CREATE FUNCTION snapshots.restore(snapshot name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    every_table text;
    one record;
    is_changed boolean;
BEGIN
    PERFORM snapshots.rebuild_datasets(snapshot);
    -- Guards and foreign keys are laid aside: rows go and come back table by table.
    PERFORM snapshots.let_guards_fire('O', 'A');
    SET LOCAL session_replication_role = replica;
    SELECT string_agg(format('public.%I', tablename), ', ') INTO every_table FROM pg_tables WHERE schemaname = 'public';
    -- Whoever still writes is waited for; what he commits afterwards would stay for the next test.
    EXECUTE 'LOCK TABLE ' || every_table || ' IN SHARE ROW EXCLUSIVE MODE';
    FOR one IN
        SELECT p.tablename AS name, s.tablename IS NOT NULL AS has_rows,
            (
                SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
                FROM information_schema.columns
                WHERE table_schema = 'public' AND table_name = p.tablename AND is_generated = 'NEVER'
            ) AS columns
        FROM pg_tables p LEFT JOIN pg_tables s ON s.schemaname = snapshot AND s.tablename = p.tablename
        WHERE p.schemaname = 'public'
    LOOP
        IF NOT one.has_rows THEN
            EXECUTE format('DELETE FROM public.%I', one.name);
            CONTINUE;
        END IF;
        EXECUTE format(
            'SELECT EXISTS (SELECT t::text FROM public.%1$I t EXCEPT ALL SELECT s::text FROM %2$I.%1$I s)'
            ' OR EXISTS (SELECT s::text FROM %2$I.%1$I s EXCEPT ALL SELECT t::text FROM public.%1$I t)',
            one.name, snapshot
        ) INTO is_changed;
        IF is_changed THEN
            EXECUTE format('DELETE FROM public.%I', one.name);
            EXECUTE format(
                'INSERT INTO public.%1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM %3$I.%1$I',
                one.name, one.columns, snapshot
            );
        END IF;
    END LOOP;
    PERFORM snapshots.let_guards_fire('A', 'O');
END $$;
