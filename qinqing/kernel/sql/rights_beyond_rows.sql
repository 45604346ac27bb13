-- What the role that signed in could do beyond rows: for each right a word, as `least_rights` explains it.
SELECT found FROM (
    SELECT 'superuser' AS found
    FROM pg_roles WHERE rolsuper AND pg_has_role(session_user, oid, 'MEMBER')
    UNION
    SELECT 'role_maker' FROM pg_roles WHERE rolname = session_user AND rolcreaterole
    UNION
    SELECT 'owner' FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND pg_has_role(session_user, relowner, 'MEMBER')
    UNION
    SELECT 'owner' FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND pg_has_role(session_user, proowner, 'MEMBER')
    UNION
    SELECT 'owner' FROM pg_database WHERE datname = current_database() AND pg_has_role(session_user, datdba, 'MEMBER')
    UNION
    SELECT 'maker_of_tables' WHERE has_schema_privilege(session_user, 'public', 'CREATE')
    UNION
    SELECT 'emptier' FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
    AND has_table_privilege(session_user, oid, 'TRUNCATE, TRIGGER')
    UNION
    SELECT 'replica' WHERE has_parameter_privilege(session_user, 'session_replication_role', 'SET')
    UNION
    SELECT 'writer' FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
    AND has_table_privilege(session_user, oid, 'INSERT, UPDATE, DELETE')
) AS rights ORDER BY found
