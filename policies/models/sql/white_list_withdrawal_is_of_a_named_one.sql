-- Only a live row of a list can be withdrawn. The lock on the row makes a second withdrawal wait and then be refused.
BEGIN
    PERFORM FROM policies_whitelistentry WHERE id = NEW.entry_id AND standing = 'live' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'white_list_withdrawal_is_of_a_named_one',
            MESSAGE = 'Only a row that counts is withdrawn.';
    END IF;
    RETURN NEW;
END;
