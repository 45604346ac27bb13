-- Gives everything in `public` to the owner. What an extension brought stays with it, and a sequence goes with its table.
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT format('ALTER %s %s OWNER TO {{owner}}', kind, named) AS statement
        FROM (
            SELECT 'SCHEMA' AS kind, 'public' AS named, n.nspowner AS owner
            FROM pg_namespace n WHERE n.nspname = 'public'
            UNION ALL
            SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                c.oid::regclass::text, c.relowner
            FROM pg_class c
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
            AND NOT EXISTS (
                SELECT FROM pg_depend d
                WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'e', 'i')
            )
            UNION ALL
            SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner
            FROM pg_proc p
            WHERE p.pronamespace = 'public'::regnamespace
            AND NOT EXISTS (
                SELECT FROM pg_depend d
                WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
            )
        ) AS things
        WHERE owner <> (SELECT oid FROM pg_roles WHERE quote_ident(rolname) = '{{owner}}')
    LOOP
        EXECUTE one.statement;
    END LOOP;
END
