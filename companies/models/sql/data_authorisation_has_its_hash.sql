-- The digest that is kept is that of the text beside it.
BEGIN
    IF NEW.text = '' OR NEW.text_sha256 <> encode(sha256(convert_to(NEW.text, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'data_authorisation_has_its_hash',
            MESSAGE = 'The digest is not that of the text.';
    END IF;
    RETURN NEW;
END;
