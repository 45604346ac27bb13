-- The row is written so only by carrying out a confirmed proposal.
BEGIN
    IF NOT proposal_permits('{{kind}}', {{subject}}) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{{promise}}',
            MESSAGE = 'This takes two people: one proposes it, another confirms it.';
    END IF;
    RETURN {{row}};
END;
