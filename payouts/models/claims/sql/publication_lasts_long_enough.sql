-- A publication is of a reserved payout of a publicised version, and lasts at least the days that the version requires.
DECLARE
    is_broken boolean;
BEGIN
    -- planned anew
    SELECT EXISTS (
        SELECT FROM new_rows n
        LEFT JOIN payouts_payout p ON p.id = n.payout_id
        LEFT JOIN payouts_fund f ON f.id = p.fund_id
        LEFT JOIN policies_policyversion v ON v.id = f.version_id
        WHERE (
            (p.status, v.track) = ('reserved', 'publicised') AND n.ends_on - n.begins_on >= v.publicise_days
        ) IS NOT TRUE
    )
    INTO is_broken;
    IF is_broken THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'publication_lasts_long_enough',
            MESSAGE = 'It is shown for all days of its policy.';
    END IF;
    RETURN NULL;
END;
