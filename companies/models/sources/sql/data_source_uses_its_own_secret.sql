-- A source opens its place with a secret that was entered for it, and with no other.
BEGIN
    IF NOT EXISTS (SELECT FROM companies_sourcesecret WHERE id = NEW.secret_id AND source_key = NEW.key) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'data_source_uses_its_own_secret',
            MESSAGE = 'The secret was entered for another source.';
    END IF;
    RETURN NEW;
END;
