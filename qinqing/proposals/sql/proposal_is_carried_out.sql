-- When a proposal is confirmed, the database changes the rows as it says, so that nobody can carry out anything else.
BEGIN
    EXECUTE format('SELECT %I($1)', 'carry_out_' || NEW.kind) USING NEW;
    RETURN NULL;
END;
