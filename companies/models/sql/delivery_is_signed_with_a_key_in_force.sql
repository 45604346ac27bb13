-- What lands as signed was signed with a key that two people registered and nobody has revoked; whoever revokes it
-- meanwhile waits until the delivery is over.
BEGIN
    PERFORM FROM companies_deliverykey
    WHERE id = NEW.signed_with_id AND valid_from <= NEW.received_at AND revoked_at IS NULL
    FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_is_signed_with_a_key_in_force',
            MESSAGE = 'A delivery is signed with a key that is registered and not revoked.';
    END IF;
    RETURN NEW;
END;
