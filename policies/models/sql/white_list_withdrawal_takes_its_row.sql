-- A withdrawal sets the standing of its row to withdrawn.
BEGIN
    UPDATE policies_whitelistentry SET standing = 'withdrawn' WHERE id = NEW.entry_id;
    RETURN NULL;
END;
