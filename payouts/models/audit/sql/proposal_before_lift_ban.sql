-- What a proposal to lift a ban shows: its days, and whether it was lifted.
CREATE OR REPLACE FUNCTION proposal_before_lift_ban(subject bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM payouts_blacklisting WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'begins_on', b.begins_on, 'ends_on', b.ends_on, 'is_lifted', b.lifted_at IS NOT NULL
        )
        FROM payouts_blacklisting b WHERE b.id = subject
    );
END;
$$;
