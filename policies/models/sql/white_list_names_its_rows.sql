-- The rows of a list become live when the list is published, and closed when the list is closed.
BEGIN
    IF NEW.status = 'published' THEN
        UPDATE policies_whitelistentry SET standing = 'live' WHERE white_list_id = NEW.id;
    ELSIF OLD.status = 'published' THEN
        UPDATE policies_whitelistentry SET standing = 'closed' WHERE white_list_id = NEW.id AND standing = 'live';
    END IF;
    RETURN NULL;
END;
