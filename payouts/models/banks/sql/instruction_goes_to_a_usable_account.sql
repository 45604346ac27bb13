-- An instruction goes to an account that was confirmed, that nobody stopped, and whose cool-off is over; while changed
-- accounts are stopped, it was over before the stop.
--
-- The first statement keeps a changed account from being stopped meanwhile; first accounts are never stopped.
DECLARE
    is_broken boolean;
BEGIN
    -- planned by size
    PERFORM FROM companies_payeeaccount a
    WHERE a.id IN (SELECT n.account_id FROM new_rows n) AND a.confirmation <> ''
    ORDER BY a.id FOR SHARE;
    -- planned by size
    SELECT EXISTS (
        SELECT FROM new_rows n
        JOIN companies_payeeaccount a ON a.id = n.account_id
        WHERE (a.usable_from <= n.stored_at AND a.stopped_at IS NULL) IS NOT TRUE
            OR a.confirmation <> '' AND a.usable_from > (
                SELECT min(s.stopped_at) FROM companies_accountstop s WHERE s.lifted_at IS NULL
            )
    )
    INTO is_broken;
    IF is_broken THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'instruction_goes_to_a_usable_account',
            MESSAGE = 'No money goes to an account that waits, was stopped, or is in its cool-off.';
    END IF;
    RETURN NULL;
END;
