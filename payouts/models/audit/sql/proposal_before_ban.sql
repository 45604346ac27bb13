-- What a proposal of a ban shows: the demand that it is for, and the days of the ban so far, which are none.
CREATE OR REPLACE FUNCTION proposal_before_ban(subject bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM payouts_recovery WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object('demanded', r.amount_cny::text, 'begins_on', b.begins_on, 'ends_on', b.ends_on)
        FROM payouts_recovery r LEFT JOIN payouts_blacklisting b ON b.recovery_id = r.id
        WHERE r.id = subject
    );
END;
$$;
