-- planned anew
    SELECT named.id
    FROM (SELECT DISTINCT {{column}} AS id FROM new_rows) AS named
    LEFT JOIN {{table}} AS known ON known.id = named.id
    WHERE known.id IS NULL
    LIMIT 1
    INTO missing;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'row_names_known_{{column}}',
            MESSAGE = 'No row of {{table}} has the id ' || missing || '.';
    END IF;
